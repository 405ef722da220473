//! `GET /auth/me`.

use axum::extract::State;
use erpmax_core::auth;
use erpmax_types::Success;
use erpmax_types::users::Me;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::Bearer;

/// Who am I.
///
/// The account and all its tenants, nested as in the guide and flat as the published app reads it.
#[utoipa::path(
    get,
    path = "/auth/me",
    tag = "auth",
    operation_id = "auth.me",
    responses((status = 200, description = "The account", body = Success<Me>)),
    security(("bearer" = [])),
)]
#[instrument(name = "auth.me", skip_all)]
pub(crate) async fn me(State(app): State<App>, Bearer(claims): Bearer) -> ApiResult<Data<Me>> {
    Ok(data(auth::me(&app.core, &claims).await?))
}
