//! `POST /auth/login`.

use axum::extract::State;
use erpmax_core::auth;
use erpmax_types::Success;
use erpmax_types::users::{Login, SignedIn};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, RequestOrigin};

/// Sign in.
///
/// A wrong password is 401, or 400 if an `Authorization` header came along: a client that refreshes on 401 would otherwise try
/// for ever. With a second factor the right password is answered by 403 `second_factor_required`, whose `details` hold the
/// `challenge` for `POST /auth/login/second-factor`.
#[utoipa::path(
    post,
    path = "/auth/login",
    tag = "auth",
    operation_id = "auth.login",
    request_body = Login,
    responses((status = 200, description = "Signed in", body = Success<SignedIn>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "invalid_credentials", "400 invalid_credentials", "account_disabled", "second_factor_required", "not_a_member", "rate_limited"]))),
)]
#[instrument(name = "auth.login", skip_all)]
pub(crate) async fn login(
    State(app): State<App>,
    RequestOrigin(origin): RequestOrigin,
    body: Body<Login>,
) -> ApiResult<Data<SignedIn>> {
    Ok(data(auth::login(&app.core, &body.value, &origin).await?))
}
