//! `PATCH /tenants/{id}`.

use axum::extract::State;
use erpmax_core::tenants;
use erpmax_types::Success;
use erpmax_types::tenants::{Tenant, UpdateTenant};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, PathAdmin};

/// Change a tenant.
///
/// Changes name and settings; what the body does not name stays.
#[utoipa::path(
    patch,
    path = "/tenants/{id}",
    tag = "tenants",
    operation_id = "tenants.update",
    request_body = UpdateTenant,
    params(("id" = String, Path, description = "The tenant's id")),
    responses((status = 200, description = "The tenant as it is now", body = Success<Tenant>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "second_factor_required", "forbidden", "not_found"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "tenants.update", skip_all)]
pub(crate) async fn update(
    State(app): State<App>,
    PathAdmin(admin): PathAdmin,
    body: Body<UpdateTenant>,
) -> ApiResult<Data<Tenant>> {
    Ok(data(tenants::update(&app.core, &admin, &body.value).await?))
}
