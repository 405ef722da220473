//! `GET /operator/jobs`.

use axum::extract::State;
use erpmax_core::operators;
use erpmax_types::Success;
use erpmax_types::operator::OperatorJob;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, page};
use crate::error::ApiResult;
use crate::extract::{OnlyLeaked, Paging, TheOperator};

/// List failed jobs of all tenants.
///
/// What happened last comes first. A leaked job left something behind that has to be seen to by hand: `leak` says what.
#[utoipa::path(
    get,
    path = "/operator/jobs",
    tag = "operator",
    operation_id = "operator.jobs",
    params(
        ("status" = Option<String>, Query, description = "`failed`, or only those that are `leaked`"),
        ("page" = Option<u32>, Query),
        ("size" = Option<u32>, Query),
    ),
    responses((status = 200, description = "A page of jobs", body = Success<Vec<OperatorJob>>)),
    extensions(("x-error-codes" = json!(["malformed_request", "validation_failed"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "operator.jobs", skip_all)]
pub(crate) async fn jobs(
    State(app): State<App>,
    TheOperator(operator): TheOperator,
    OnlyLeaked(leaked): OnlyLeaked,
    Paging(paging): Paging,
) -> ApiResult<Data<Vec<OperatorJob>>> {
    let jobs = operators::failed_jobs(&app.core, &operator, leaked, paging).await?;
    Ok(page(jobs.items, jobs.pagination))
}
