//! `DELETE /auth/two-factor`.

use axum::extract::State;
use erpmax_core::auth::two_factor;
use erpmax_types::Success;
use erpmax_types::envelope::Done;
use erpmax_types::two_factor::ProveTwoFactor;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, SignedIn};

/// Switch the second factor off.
///
/// Asks for the password and a code. In a company that requires a second factor everything is closed then, until there is one again.
#[utoipa::path(
    delete,
    path = "/auth/two-factor",
    tag = "auth",
    operation_id = "auth.two_factor_disable",
    request_body = ProveTwoFactor,
    responses((status = 200, description = "Switched off", body = Success<Done>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "conflict", "rate_limited"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "auth.two_factor_disable", skip_all)]
pub(crate) async fn disable(
    State(app): State<App>,
    SignedIn(signed): SignedIn,
    body: Body<ProveTwoFactor>,
) -> ApiResult<Data<Done>> {
    two_factor::disable(&app.core, &signed, &body.value).await?;
    Ok(data(Done {}))
}
