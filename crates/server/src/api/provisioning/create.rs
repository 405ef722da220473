//! `POST /provisioning/jobs`.

use axum::extract::State;
use axum::http::StatusCode;
use erpmax_core::provisioning;
use erpmax_types::Success;
use erpmax_types::provisioning::{CreateJob, ProvisioningJob};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, CurrentAdmin, IdempotencyKey};

/// Ask for a job.
///
/// While one of its type is under way that one is the answer, with 200. Deleting a site takes an owner.
#[utoipa::path(
    post,
    path = "/provisioning/jobs",
    tag = "provisioning",
    operation_id = "provisioning.create",
    request_body = CreateJob,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, description = "The new job", body = Success<ProvisioningJob>),
        (status = 200, description = "The job of this type that is under way", body = Success<ProvisioningJob>),
    ),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "second_factor_required", "not_a_member", "forbidden", "site_exists", "site_missing", "conflict", "subscription_inactive", "idempotency_mismatch"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "provisioning.create", skip_all)]
pub(crate) async fn create(
    State(app): State<App>,
    CurrentAdmin(admin): CurrentAdmin,
    key: IdempotencyKey,
    body: Body<CreateJob>,
) -> ApiResult<(StatusCode, Data<ProvisioningJob>)> {
    let once = body.once(key, "provisioning.create");
    let (job, is_new) = provisioning::create(&app.core, &admin, &body.value, once).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, data(job)))
}
