//! Another attempt at a failed job, from its first step.

use erpmax_store::jobs::{self, JobRow};
use erpmax_store::tenants;
use erpmax_types::provisioning::{JobStatus, JobType, ProvisioningJob};
use erpmax_types::users::Role;
use erpmax_types::{ErrorCode, JobId};
use serde_json::json;

use super::create::{claim_site, enqueue, new_job};
use crate::access::Admin;
use crate::audit::{Action, record};
use crate::validation::id;
use crate::{Core, Result};

/// Tries a failed job once more.
pub async fn retry(core: &Core, admin: &Admin, job: &str) -> Result<ProvisioningJob> {
    let job: JobId = id(job)?;
    let mut tx = core.store().begin().await?;
    jobs::find_of_tenant(&mut tx, admin.tenant_id, job).await?.ok_or(ErrorCode::NotFound)?;
    let job = jobs::lock(&mut tx, job).await?.ok_or(ErrorCode::NotFound)?;
    tenants::lock(&mut tx, admin.tenant_id).await?;
    if job.status != JobStatus::Failed || job.is_automatic {
        return Err(ErrorCode::JobNotRetryable.into());
    }
    if job.job_type == JobType::DeleteSite && admin.role != Role::Owner {
        return Err(ErrorCode::Forbidden.into());
    }
    if jobs::find_unfinished(&mut tx, admin.tenant_id, job.job_type).await?.is_some() {
        return Err(ErrorCode::JobNotRetryable.into());
    }
    let site = claim_site(core, &mut tx, admin.tenant_id, job.job_type).await?;
    let job = JobRow {
        id: job.id,
        requested_by: job.requested_by,
        attempt: job.attempt + 1,
        created_at: job.created_at,
        ..new_job(core, admin.into(), job.job_type, site)
    };
    jobs::update(&mut tx, &job).await?;
    enqueue(core, &mut tx, &job).await?;
    let (tenant, target) = (Some(job.tenant_id), Some(job.id.to_string()));
    let change = json!({"attempt": job.attempt});
    record(core, &mut tx, (&***admin).into(), Action { name: "jobs.retry", tenant, target, change }).await?;
    tx.commit().await?;
    Ok(job.to_job())
}
