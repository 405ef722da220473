//! `POST /auth/password/reset`.

use axum::extract::State;
use erpmax_core::auth::proof;
use erpmax_types::Success;
use erpmax_types::proof::ResetPassword;
use erpmax_types::users::EndedSessions;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, RequestOrigin};

/// Set a new password.
///
/// Spends the link of a mail, which proves the address too, and ends all sessions. A second factor stays in force.
#[utoipa::path(
    post,
    path = "/auth/password/reset",
    tag = "auth",
    operation_id = "auth.reset_password",
    request_body = ResetPassword,
    responses((status = 200, description = "How many sessions were ended", body = Success<EndedSessions>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "invalid_token", "rate_limited"]))),
)]
#[instrument(name = "auth.reset_password", skip_all)]
pub(crate) async fn reset_password(
    State(app): State<App>,
    RequestOrigin(origin): RequestOrigin,
    body: Body<ResetPassword>,
) -> ApiResult<Data<EndedSessions>> {
    Ok(data(proof::reset(&app.core, &body.value, &origin).await?))
}
