//! `GET /tenants/{id}/api-keys`.

use axum::extract::State;
use erpmax_core::tenants::api_keys;
use erpmax_types::Success;
use erpmax_types::api_keys::ApiKey;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, page};
use crate::error::ApiResult;
use crate::extract::{Paging, PathAdmin};

/// List the API keys.
///
/// The tenant's keys that were not revoked, newest first, with their last use.
#[utoipa::path(
    get,
    path = "/tenants/{id}/api-keys",
    tag = "tenants",
    operation_id = "tenants.api_keys",
    params(("id" = String, Path, description = "The tenant's id"), ("page" = Option<u32>, Query), ("size" = Option<u32>, Query)),
    responses((status = 200, description = "A page of keys", body = Success<Vec<ApiKey>>)),
    extensions(("x-error-codes" = json!(["second_factor_required", "forbidden", "not_found", "validation_failed"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "tenants.api_keys", skip_all)]
pub(crate) async fn list(
    State(app): State<App>,
    PathAdmin(admin): PathAdmin,
    Paging(paging): Paging,
) -> ApiResult<Data<Vec<ApiKey>>> {
    let keys = api_keys::list(&app.core, &admin, paging).await?;
    Ok(page(keys.items, keys.pagination))
}
