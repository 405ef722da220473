//! `GET /sso/erpnext/validate/{token}`.

use axum::extract::State;
use erpmax_core::sso;
use erpmax_types::Success;
use erpmax_types::sso::SsoValidity;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::InPath;

/// Look at a pass.
///
/// Whether a pass is good, without spending it. It names no user; a pass that is not good is not found.
#[utoipa::path(
    get,
    path = "/sso/erpnext/validate/{token}",
    tag = "sso",
    operation_id = "sso.validate",
    params(("token" = String, Path, description = "The pass")),
    responses((status = 200, description = "It is good", body = Success<SsoValidity>)),
    extensions(("x-error-codes" = json!(["not_found"]))),
)]
#[instrument(name = "sso.validate", skip_all)]
pub(crate) async fn validate(State(app): State<App>, InPath(token): InPath<String>) -> ApiResult<Data<SsoValidity>> {
    Ok(data(sso::validate(&app.core, &token).await?))
}
