//! `GET /provisioning/jobs`.

use axum::extract::State;
use erpmax_core::provisioning;
use erpmax_types::Success;
use erpmax_types::provisioning::ProvisioningJob;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, page};
use crate::error::ApiResult;
use crate::extract::{CurrentMember, JobTypes, Paging};

/// List the jobs.
///
/// The current tenant's jobs, newest first; with `types=all` also those of types that the guide does not know.
#[utoipa::path(
    get,
    path = "/provisioning/jobs",
    tag = "provisioning",
    operation_id = "provisioning.list",
    params(("page" = Option<u32>, Query), ("size" = Option<u32>, Query), ("types" = Option<String>, Query, description = "`all`, or left out")),
    responses((status = 200, description = "A page of jobs", body = Success<Vec<ProvisioningJob>>)),
    extensions(("x-error-codes" = json!(["second_factor_required", "not_a_member", "validation_failed"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "provisioning.list", skip_all)]
pub(crate) async fn list(
    State(app): State<App>,
    CurrentMember(member): CurrentMember,
    Paging(paging): Paging,
    types: JobTypes,
) -> ApiResult<Data<Vec<ProvisioningJob>>> {
    let jobs = provisioning::list(&app.core, &member, types.all, paging).await?;
    Ok(page(jobs.items, jobs.pagination))
}
