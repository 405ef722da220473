//! `POST /auth/two-factor/activate`.

use axum::extract::State;
use erpmax_core::auth::two_factor;
use erpmax_types::Success;
use erpmax_types::two_factor::{ActivateTwoFactor, RecoveryCodes};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, SignedIn};

/// Activate the second factor.
///
/// The first code of the authenticator app proves that it has the secret: from now on signing in asks for one. The recovery codes are
/// shown this one time.
#[utoipa::path(
    post,
    path = "/auth/two-factor/activate",
    tag = "auth",
    operation_id = "auth.two_factor_activate",
    request_body = ActivateTwoFactor,
    responses((status = 200, description = "Active; these are the recovery codes", body = Success<RecoveryCodes>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "conflict", "rate_limited"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "auth.two_factor_activate", skip_all)]
pub(crate) async fn activate(
    State(app): State<App>,
    SignedIn(signed): SignedIn,
    body: Body<ActivateTwoFactor>,
) -> ApiResult<Data<RecoveryCodes>> {
    Ok(data(two_factor::activate(&app.core, &signed, &body.value).await?))
}
