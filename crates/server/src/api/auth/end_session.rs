//! `DELETE /auth/sessions/{id}`.

use axum::extract::State;
use erpmax_core::auth::sessions;
use erpmax_types::Success;
use erpmax_types::envelope::Done;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{InPath, SignedIn};

/// End a session.
///
/// Signs one of the person's devices out: its tokens stop working and its sockets close at once.
#[utoipa::path(
    delete,
    path = "/auth/sessions/{id}",
    tag = "auth",
    operation_id = "auth.end_session",
    params(("id" = String, Path, description = "The session's id")),
    responses((status = 200, description = "Ended", body = Success<Done>)),
    extensions(("x-error-codes" = json!(["not_found"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "auth.end_session", skip_all)]
pub(crate) async fn end(
    State(app): State<App>,
    SignedIn(signed): SignedIn,
    InPath(id): InPath<String>,
) -> ApiResult<Data<Done>> {
    sessions::end(&app.core, &signed, &id).await?;
    Ok(data(Done {}))
}
