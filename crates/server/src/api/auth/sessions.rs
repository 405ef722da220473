//! `GET /auth/sessions`.

use axum::extract::State;
use erpmax_core::auth::sessions;
use erpmax_types::Success;
use erpmax_types::users::Session;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, page};
use crate::error::ApiResult;
use crate::extract::{Paging, SignedIn};

/// List the sessions.
///
/// Where the person is signed in at the moment: device, address and last use, those used last first.
#[utoipa::path(
    get,
    path = "/auth/sessions",
    tag = "auth",
    operation_id = "auth.sessions",
    params(("page" = Option<u32>, Query), ("size" = Option<u32>, Query)),
    responses((status = 200, description = "A page of sessions", body = Success<Vec<Session>>)),
    extensions(("x-error-codes" = json!(["validation_failed"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "auth.sessions", skip_all)]
pub(crate) async fn list(
    State(app): State<App>,
    SignedIn(signed): SignedIn,
    Paging(paging): Paging,
) -> ApiResult<Data<Vec<Session>>> {
    let page_of = sessions::list(&app.core, &signed, paging).await?;
    Ok(page(page_of.items, page_of.pagination))
}
