//! `GET /operator/tenants/{id}`.

use axum::extract::State;
use erpmax_core::operators;
use erpmax_types::Success;
use erpmax_types::operator::OperatorTenantDetails;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{InPath, TheOperator};

/// Look at a tenant.
///
/// With its site, subscription, number of members, last jobs and support accesses. That somebody looked is written into its audit trail.
#[utoipa::path(
    get,
    path = "/operator/tenants/{id}",
    tag = "operator",
    operation_id = "operator.show_tenant",
    params(
        ("id" = String, Path, description = "The tenant's id"),
    ),
    responses((status = 200, description = "The tenant", body = Success<OperatorTenantDetails>)),
    security(("bearer" = [])),
)]
#[instrument(name = "operator.show_tenant", skip_all)]
pub(crate) async fn show_tenant(
    State(app): State<App>,
    TheOperator(operator): TheOperator,
    InPath(tenant): InPath<String>,
) -> ApiResult<Data<OperatorTenantDetails>> {
    Ok(data(operators::show(&app.core, &operator, &tenant).await?))
}
