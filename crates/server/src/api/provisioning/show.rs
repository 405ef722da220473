//! `GET /provisioning/jobs/{id}`.

use axum::extract::State;
use erpmax_core::provisioning;
use erpmax_types::Success;
use erpmax_types::provisioning::ProvisioningJob;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{CurrentMember, InPath};

/// Show a job.
///
/// One of the current tenant's jobs.
#[utoipa::path(
    get,
    path = "/provisioning/jobs/{id}",
    tag = "provisioning",
    operation_id = "provisioning.show",
    params(("id" = String, Path, description = "The job's id")),
    responses((status = 200, description = "The job", body = Success<ProvisioningJob>)),
    extensions(("x-error-codes" = json!(["second_factor_required", "not_a_member", "not_found"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "provisioning.show", skip_all)]
pub(crate) async fn show(
    State(app): State<App>,
    CurrentMember(member): CurrentMember,
    InPath(id): InPath<String>,
) -> ApiResult<Data<ProvisioningJob>> {
    Ok(data(provisioning::show(&app.core, &member, &id).await?))
}
