//! `POST /auth/password/forgot`.

use axum::extract::State;
use erpmax_core::auth::proof;
use erpmax_types::Success;
use erpmax_types::envelope::Done;
use erpmax_types::proof::ForgotPassword;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, RequestOrigin};

/// Forgot the password.
///
/// Sends a link to the address, if it has an account. The answer is the same either way.
#[utoipa::path(
    post,
    path = "/auth/password/forgot",
    tag = "auth",
    operation_id = "auth.forgot_password",
    request_body = ForgotPassword,
    responses((status = 200, description = "Asked for", body = Success<Done>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "rate_limited"]))),
)]
#[instrument(name = "auth.forgot_password", skip_all)]
pub(crate) async fn forgot_password(
    State(app): State<App>,
    RequestOrigin(origin): RequestOrigin,
    body: Body<ForgotPassword>,
) -> ApiResult<Data<Done>> {
    proof::forgot(&app.core, &body.value, &origin).await?;
    Ok(data(Done {}))
}
