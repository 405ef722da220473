//! `POST /auth/verify-email`.

use axum::extract::State;
use erpmax_core::auth::proof;
use erpmax_types::Success;
use erpmax_types::proof::{EmailVerified, VerifyEmail};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, MaybeSignedIn, RequestOrigin};

/// Prove an address.
///
/// Spends the link of a mail, in a session of the account or with its password. A first proof may set a new password instead,
/// which ends all that was begun with the one before. A link to a new address makes it the account's own.
#[utoipa::path(
    post,
    path = "/auth/verify-email",
    tag = "auth",
    operation_id = "auth.verify_email",
    request_body = VerifyEmail,
    responses((status = 200, description = "The address is proven", body = Success<EmailVerified>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "invalid_token", "email_taken", "conflict", "rate_limited"]))),
)]
#[instrument(name = "auth.verify_email", skip_all)]
pub(crate) async fn verify_email(
    State(app): State<App>,
    MaybeSignedIn(signed): MaybeSignedIn,
    RequestOrigin(origin): RequestOrigin,
    body: Body<VerifyEmail>,
) -> ApiResult<Data<EmailVerified>> {
    Ok(data(proof::verify(&app.core, signed.as_ref(), &body.value, &origin).await?))
}
