//! `POST /auth/two-factor/recovery-codes`.

use axum::extract::State;
use erpmax_core::auth::two_factor;
use erpmax_types::Success;
use erpmax_types::two_factor::{ProveTwoFactor, RecoveryCodes};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, SignedIn};

/// Get new recovery codes.
///
/// Asks for the password and a code. The codes from before are good no more.
#[utoipa::path(
    post,
    path = "/auth/two-factor/recovery-codes",
    tag = "auth",
    operation_id = "auth.two_factor_recovery_codes",
    request_body = ProveTwoFactor,
    responses((status = 200, description = "The new recovery codes", body = Success<RecoveryCodes>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "conflict", "rate_limited"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "auth.two_factor_recovery_codes", skip_all)]
pub(crate) async fn recovery_codes(
    State(app): State<App>,
    SignedIn(signed): SignedIn,
    body: Body<ProveTwoFactor>,
) -> ApiResult<Data<RecoveryCodes>> {
    Ok(data(two_factor::renew_recovery_codes(&app.core, &signed, &body.value).await?))
}
