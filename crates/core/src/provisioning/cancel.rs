//! Cancelling a job: answered at once, ended after its undo (contract, trap 6 and States).

use erpmax_store::{jobs, work};
use erpmax_types::provisioning::{JobStatus, ProvisioningJob};
use erpmax_types::runner::{Direction, Outcome};
use erpmax_types::{ErrorCode, JobId};
use serde_json::json;

use super::{QUEUE, outcome, save};
use crate::access::Admin;
use crate::audit::{Action, record};
use crate::validation::id;
use crate::{Core, Result};

/// Cancels a job. One that no runner has begun ends now; a running one once everything is undone.
pub async fn cancel(core: &Core, admin: &Admin, job: &str) -> Result<ProvisioningJob> {
    let job: JobId = id(job)?;
    let mut tx = core.store().begin().await?;
    jobs::find_of_tenant(&mut tx, admin.tenant_id, job).await?.ok_or(ErrorCode::NotFound)?;
    // Work, job, tenant: everybody takes them in this order, so that nobody waits in a circle.
    work::lock(&mut tx, QUEUE, &job.to_string()).await?;
    let mut job = jobs::lock(&mut tx, job).await?.ok_or(ErrorCode::NotFound)?;
    if !matches!(job.status, JobStatus::Pending | JobStatus::Running) || job.is_irrevocable || job.is_automatic {
        return Err(ErrorCode::JobNotCancellable.into());
    }
    // Already on its way back: what turned it round first stays the cause.
    if job.cancel_requested_at.is_some() || job.direction == Direction::Undo {
        return Ok(job.to_job());
    }
    job.cancel_requested_at = Some(core.now());
    job.cancelled_by = Some(admin.full_name.clone());
    let (tenant, target) = (Some(job.tenant_id), Some(job.id.to_string()));
    record(core, &mut tx, (&***admin).into(), Action { name: "jobs.cancel", tenant, target, change: json!({}) })
        .await?;
    if job.status == JobStatus::Pending {
        let outcome = Outcome::Failed { error: String::new(), leak: None };
        outcome::finish(core, &mut tx, &mut job, &outcome).await?;
        work::delete(&mut tx, QUEUE, &job.id.to_string()).await?;
    } else {
        job.message = Some(admin.language.say("job-cleaning_up", &[]));
        save(core, &mut tx, &mut job).await?;
    }
    tx.commit().await?;
    Ok(job.to_job())
}
