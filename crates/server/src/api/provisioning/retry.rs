//! `POST /provisioning/jobs/{id}/retry`.

use axum::extract::State;
use erpmax_core::provisioning;
use erpmax_types::Success;
use erpmax_types::provisioning::ProvisioningJob;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{CurrentAdmin, InPath};

/// Retry a failed job.
///
/// Tries a failed job once more, from its first step.
#[utoipa::path(
    post,
    path = "/provisioning/jobs/{id}/retry",
    tag = "provisioning",
    operation_id = "provisioning.retry",
    params(("id" = String, Path, description = "The job's id")),
    responses((status = 200, description = "The job as it is now", body = Success<ProvisioningJob>)),
    extensions(("x-error-codes" = json!(["second_factor_required", "not_a_member", "forbidden", "not_found", "job_not_retryable", "site_exists", "site_missing", "conflict", "subscription_inactive"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "provisioning.retry", skip_all)]
pub(crate) async fn retry(
    State(app): State<App>,
    CurrentAdmin(admin): CurrentAdmin,
    InPath(id): InPath<String>,
) -> ApiResult<Data<ProvisioningJob>> {
    Ok(data(provisioning::retry(&app.core, &admin, &id).await?))
}
