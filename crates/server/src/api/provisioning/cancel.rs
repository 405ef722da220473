//! `POST /provisioning/jobs/{id}/cancel`.

use axum::extract::State;
use erpmax_core::provisioning;
use erpmax_types::Success;
use erpmax_types::provisioning::ProvisioningJob;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{CurrentAdmin, InPath};

/// Cancel a job.
///
/// Cancels a job: answered at once, ended as `failed` once everything is undone.
#[utoipa::path(
    post,
    path = "/provisioning/jobs/{id}/cancel",
    tag = "provisioning",
    operation_id = "provisioning.cancel",
    params(("id" = String, Path, description = "The job's id")),
    responses((status = 200, description = "The job as it is now", body = Success<ProvisioningJob>)),
    extensions(("x-error-codes" = json!(["second_factor_required", "not_a_member", "forbidden", "not_found", "job_not_cancellable"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "provisioning.cancel", skip_all)]
pub(crate) async fn cancel(
    State(app): State<App>,
    CurrentAdmin(admin): CurrentAdmin,
    InPath(id): InPath<String>,
) -> ApiResult<Data<ProvisioningJob>> {
    Ok(data(provisioning::cancel(&app.core, &admin, &id).await?))
}
