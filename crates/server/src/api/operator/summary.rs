//! `GET /operator/summary`.

use axum::extract::State;
use erpmax_core::operators;
use erpmax_types::Success;
use erpmax_types::operator::OperatorSummary;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::TheOperator;

/// Count tenants, subscriptions and what they bring.
///
/// Revenue is that of active subscriptions at list prices, in the currency of the plan that newcomers try.
#[utoipa::path(
    get,
    path = "/operator/summary",
    tag = "operator",
    operation_id = "operator.summary",
    responses((status = 200, description = "The numbers", body = Success<OperatorSummary>)),
    security(("bearer" = [])),
)]
#[instrument(name = "operator.summary", skip_all)]
pub(crate) async fn summary(
    State(app): State<App>,
    TheOperator(operator): TheOperator,
) -> ApiResult<Data<OperatorSummary>> {
    Ok(data(operators::summary(&app.core, &operator).await?))
}
