//! `POST /auth/refresh`.

use axum::extract::State;
use erpmax_core::auth;
use erpmax_types::Success;
use erpmax_types::users::{Refresh, Tokens};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, RequestOrigin};

/// Refresh tokens.
///
/// Turns a refresh token into its successor and a fresh access token. The same token always yields the same successor; a late
/// reuse ends the session.
#[utoipa::path(
    post,
    path = "/auth/refresh",
    tag = "auth",
    operation_id = "auth.refresh",
    request_body = Refresh,
    responses((status = 200, description = "Fresh tokens", body = Success<Tokens>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "invalid_grant", "account_disabled"]))),
)]
#[instrument(name = "auth.refresh", skip_all)]
pub(crate) async fn refresh(
    State(app): State<App>,
    RequestOrigin(origin): RequestOrigin,
    body: Body<Refresh>,
) -> ApiResult<Data<Tokens>> {
    Ok(data(auth::refresh(&app.core, &body.value, &origin).await?))
}
