//! `DELETE /auth/sessions`.

use axum::extract::State;
use erpmax_core::auth::sessions;
use erpmax_types::Success;
use erpmax_types::users::EndedSessions;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::SignedIn;

/// End all other sessions.
///
/// Signs all of the person's devices out but the one that asks.
#[utoipa::path(
    delete,
    path = "/auth/sessions",
    tag = "auth",
    operation_id = "auth.end_sessions",
    responses((status = 200, description = "How many were ended", body = Success<EndedSessions>)),
    security(("bearer" = [])),
)]
#[instrument(name = "auth.end_sessions", skip_all)]
pub(crate) async fn end_others(State(app): State<App>, SignedIn(signed): SignedIn) -> ApiResult<Data<EndedSessions>> {
    Ok(data(sessions::end_others(&app.core, &signed).await?))
}
