//! `GET /billing/plans`.

use axum::extract::State;
use erpmax_core::billing;
use erpmax_types::Success;
use erpmax_types::billing::Plan;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;

/// List the plans.
///
/// The plans that can be bought, in the order of the price list. Public.
#[utoipa::path(
    get,
    path = "/billing/plans",
    tag = "billing",
    operation_id = "billing.plans",
    responses((status = 200, description = "The price list", body = Success<Vec<Plan>>)),
)]
#[instrument(name = "billing.plans", skip_all)]
pub(crate) async fn plans(State(app): State<App>) -> ApiResult<Data<Vec<Plan>>> {
    Ok(data(billing::plans::list(&app.core).await?))
}
