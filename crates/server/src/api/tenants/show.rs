//! `GET /tenants/{id}`.

use axum::extract::State;
use erpmax_core::tenants;
use erpmax_types::Success;
use erpmax_types::tenants::Tenant;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::PathMember;

/// Show a tenant.
///
/// A tenant that the caller belongs to.
#[utoipa::path(
    get,
    path = "/tenants/{id}",
    tag = "tenants",
    operation_id = "tenants.show",
    params(("id" = String, Path, description = "The tenant's id")),
    responses((status = 200, description = "The tenant", body = Success<Tenant>)),
    extensions(("x-error-codes" = json!(["second_factor_required", "not_found"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "tenants.show", skip_all)]
pub(crate) async fn show(State(app): State<App>, PathMember(member): PathMember) -> ApiResult<Data<Tenant>> {
    Ok(data(tenants::show(&app.core, &member).await?))
}
