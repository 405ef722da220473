//! `GET /tenants/{id}/support-access`.

use axum::extract::State;
use erpmax_core::tenants::support_access as feature;
use erpmax_types::Success;
use erpmax_types::operator::SupportAccess;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, page};
use crate::error::ApiResult;
use crate::extract::{Paging, PathAdmin};

/// List support accesses.
///
/// Who of support could sign in to the site, why, from when until when; newest first.
#[utoipa::path(
    get,
    path = "/tenants/{id}/support-access",
    tag = "tenants",
    operation_id = "tenants.support_access",
    params(
        ("id" = String, Path, description = "The tenant's id"),
        ("page" = Option<u32>, Query),
        ("size" = Option<u32>, Query),
    ),
    responses((status = 200, description = "A page of accesses", body = Success<Vec<SupportAccess>>)),
    extensions(("x-error-codes" = json!(["malformed_request", "validation_failed", "second_factor_required", "forbidden", "not_found"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "tenants.support_access", skip_all)]
pub(crate) async fn support_access(
    State(app): State<App>,
    PathAdmin(admin): PathAdmin,
    Paging(paging): Paging,
) -> ApiResult<Data<Vec<SupportAccess>>> {
    let accesses = feature::list(&app.core, &admin, paging).await?;
    Ok(page(accesses.items, accesses.pagination))
}
