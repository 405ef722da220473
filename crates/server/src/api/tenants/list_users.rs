//! `GET /tenants/{id}/users`.

use axum::extract::State;
use erpmax_core::tenants::members;
use erpmax_types::Success;
use erpmax_types::tenants::TenantUser;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, page};
use crate::error::ApiResult;
use crate::extract::{Paging, PathAdmin};

/// List the members.
///
/// The members of a tenant, in the order of joining.
#[utoipa::path(
    get,
    path = "/tenants/{id}/users",
    tag = "tenants",
    operation_id = "tenants.list_users",
    params(("id" = String, Path, description = "The tenant's id"), ("page" = Option<u32>, Query), ("size" = Option<u32>, Query)),
    responses((status = 200, description = "A page of members", body = Success<Vec<TenantUser>>)),
    extensions(("x-error-codes" = json!(["second_factor_required", "forbidden", "not_found", "validation_failed"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "tenants.list_users", skip_all)]
pub(crate) async fn list_users(
    State(app): State<App>,
    PathAdmin(admin): PathAdmin,
    Paging(paging): Paging,
) -> ApiResult<Data<Vec<TenantUser>>> {
    let users = members::list(&app.core, &admin, paging).await?;
    Ok(page(users.items, users.pagination))
}
