//! `GET /tenants/current`.

use axum::extract::State;
use erpmax_core::tenants;
use erpmax_types::Success;
use erpmax_types::tenants::Tenant;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::CurrentMember;

/// Show the current tenant.
///
/// The session's current tenant.
#[utoipa::path(
    get,
    path = "/tenants/current",
    tag = "tenants",
    operation_id = "tenants.current",
    responses((status = 200, description = "The tenant", body = Success<Tenant>)),
    extensions(("x-error-codes" = json!(["second_factor_required", "not_a_member"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "tenants.current", skip_all)]
pub(crate) async fn current(State(app): State<App>, CurrentMember(member): CurrentMember) -> ApiResult<Data<Tenant>> {
    Ok(data(tenants::show(&app.core, &member).await?))
}
