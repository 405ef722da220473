//! `GET|POST /sso/erpnext/callback`, called by sites.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use erpmax_core::{Error, sso};
use erpmax_types::ErrorCode;
use erpmax_types::sso::{SsoCallback, SsoRedeemed};
use tracing::instrument;

use crate::App;
use crate::error::{ApiError, ApiResult};
use crate::extract::Body;

const SITE_KEY: &str = "x-erpmax-site-key";

/// Redeem a pass (query).
///
/// Sites made by us show their own key and redeem only their own tenant's passes.
#[utoipa::path(
    get,
    path = "/sso/erpnext/callback",
    tag = "sso",
    operation_id = "sso.callback_get",
    params(
        ("token" = String, Query, description = "The pass"),
        ("redirect" = Option<String>, Query, description = "A path on the site"),
        ("X-ERPMax-Site-Key" = Option<String>, Header, description = "The site's own key"),
    ),
    responses((status = 200, description = "Who signs in", body = SsoRedeemed)),
    extensions(("x-error-codes" = json!(["forbidden"]))),
)]
#[instrument(name = "sso.callback_get", skip_all)]
pub(crate) async fn callback_get(
    State(app): State<App>,
    headers: HeaderMap,
    query: Result<Query<SsoCallback>, QueryRejection>,
) -> ApiResult<Response> {
    match query {
        Ok(Query(request)) => redeem(&app, &headers, &request).await,
        Err(_) => Err(refusal(ErrorCode::Forbidden.into())),
    }
}

/// Redeem a pass (body).
///
/// Every refusal is the 403 envelope with `success: false` and `redirect: "/login"`.
#[utoipa::path(
    post,
    path = "/sso/erpnext/callback",
    tag = "sso",
    operation_id = "sso.callback_post",
    params(("X-ERPMax-Site-Key" = Option<String>, Header, description = "The site's own key")),
    request_body = SsoCallback,
    responses((status = 200, description = "Who signs in", body = SsoRedeemed)),
    extensions(("x-error-codes" = json!(["forbidden", "unsupported_media_type"]))),
)]
#[instrument(name = "sso.callback_post", skip_all)]
pub(crate) async fn callback_post(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Body<SsoCallback>, ApiError>,
) -> ApiResult<Response> {
    match body {
        Ok(body) => redeem(&app, &headers, &body.value).await,
        // Without a token, as with a bad one.
        Err(refused) if refused.error.code() == ErrorCode::ValidationFailed => {
            Err(refusal(ErrorCode::Forbidden.into()))
        }
        Err(refused) => Err(refused),
    }
}

async fn redeem(app: &App, headers: &HeaderMap, request: &SsoCallback) -> ApiResult<Response> {
    let redeemed: SsoRedeemed = sso::redeem(&app.core, request, site_key(headers)).await.map_err(refusal)?;
    Ok(Json(redeemed).into_response())
}

/// The key that a site shows; one that cannot be read is a wrong one, not a missing one.
pub(super) fn site_key(headers: &HeaderMap) -> Option<&str> {
    headers.get(SITE_KEY).map(|value| value.to_str().unwrap_or_default())
}

fn refusal(error: Error) -> ApiError {
    let is_sso_refusal = error.code() == ErrorCode::Forbidden;
    ApiError { is_sso_refusal, ..ApiError::from(error) }
}
