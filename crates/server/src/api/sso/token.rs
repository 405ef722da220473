//! `POST /sso/erpnext/token`, and its older name `POST /sso/token`.

use axum::extract::State;
use erpmax_core::sso;
use erpmax_types::Success;
use erpmax_types::sso::SsoToken;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::CurrentMember;

/// Get a pass into the site.
///
/// A one-time pass into the current tenant's site, good for 60 seconds.
#[utoipa::path(
    post,
    path = "/sso/erpnext/token",
    tag = "sso",
    operation_id = "sso.token",
    responses((status = 200, description = "The pass", body = Success<SsoToken>)),
    extensions(("x-error-codes" = json!(["second_factor_required", "not_a_member", "site_missing", "subscription_inactive"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "sso.token", skip_all)]
pub(crate) async fn token(State(app): State<App>, CurrentMember(member): CurrentMember) -> ApiResult<Data<SsoToken>> {
    Ok(data(sso::token(&app.core, &member).await?))
}

/// Get a pass into the site (older name).
///
/// The name that the published app calls the pass by.
#[utoipa::path(
    post,
    path = "/sso/token",
    tag = "sso",
    operation_id = "sso.token_alias",
    responses((status = 200, description = "The pass", body = Success<SsoToken>)),
    extensions(("x-error-codes" = json!(["second_factor_required", "not_a_member", "site_missing", "subscription_inactive"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "sso.token_alias", skip_all)]
pub(crate) async fn token_alias(state: State<App>, member: CurrentMember) -> ApiResult<Data<SsoToken>> {
    token(state, member).await
}
