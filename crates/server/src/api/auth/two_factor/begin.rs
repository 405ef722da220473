//! `POST /auth/two-factor`.

use axum::extract::State;
use erpmax_core::auth::two_factor;
use erpmax_types::Success;
use erpmax_types::two_factor::{BeginTwoFactor, TwoFactorBegun};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, SignedIn};

/// Begin a second factor.
///
/// Gives the secret for an authenticator app (RFC 6238: SHA-1, six digits, 30 seconds). Nobody is asked for its codes before the
/// first one was shown. 409 `conflict` while a second factor is active.
#[utoipa::path(
    post,
    path = "/auth/two-factor",
    tag = "auth",
    operation_id = "auth.two_factor_begin",
    request_body = BeginTwoFactor,
    responses((status = 200, description = "What an authenticator app takes", body = Success<TwoFactorBegun>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "conflict", "rate_limited"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "auth.two_factor_begin", skip_all)]
pub(crate) async fn begin(
    State(app): State<App>,
    SignedIn(signed): SignedIn,
    body: Body<BeginTwoFactor>,
) -> ApiResult<Data<TwoFactorBegun>> {
    Ok(data(two_factor::begin(&app.core, &signed, &body.value).await?))
}
