//! `POST /auth/login/second-factor`.

use axum::extract::State;
use erpmax_core::auth;
use erpmax_types::Success;
use erpmax_types::two_factor::SecondFactorLogin;
use erpmax_types::users::SignedIn;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, RequestOrigin};

/// Sign in with a code.
///
/// The second step of a sign-in: `POST /auth/login` answered 403 `second_factor_required`, with a challenge in `details`. A wrong code is
/// 422; a challenge that is spent, too old, from another address or after five wrong codes is 400 `invalid_grant`: begin again.
#[utoipa::path(
    post,
    path = "/auth/login/second-factor",
    tag = "auth",
    operation_id = "auth.login_second_factor",
    request_body = SecondFactorLogin,
    responses((status = 200, description = "Signed in", body = Success<SignedIn>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "invalid_grant", "account_disabled", "not_a_member", "rate_limited"]))),
)]
#[instrument(name = "auth.login_second_factor", skip_all)]
pub(crate) async fn login_second_factor(
    State(app): State<App>,
    RequestOrigin(origin): RequestOrigin,
    body: Body<SecondFactorLogin>,
) -> ApiResult<Data<SignedIn>> {
    Ok(data(auth::login_second_factor(&app.core, &body.value, &origin).await?))
}
