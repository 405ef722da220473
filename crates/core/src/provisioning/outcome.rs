//! The end of a job: the job, its site, its tenant and everybody who hears of it, in one transaction.

use erpmax_store::jobs::JobRow;
use erpmax_store::outbox::Audience;
use erpmax_store::{Tx, sites, tenants};
use erpmax_types::ErrorCode;
use erpmax_types::events::{Event, StatusCompleted, StatusFailed};
use erpmax_types::notifications::NotificationType;
use erpmax_types::provisioning::{JobStatus, JobType};
use erpmax_types::runner::Outcome;
use erpmax_types::tenants::TenantStatus;
use erpmax_types::users::Role;
use fluent_templates::fluent_bundle::FluentValue;
use serde_json::json;

use super::language_of;
use crate::audit::{Action, Actor, record};
use crate::mail::{self, Letter};
use crate::notifications::{Text, notify_members};
use crate::{Core, Result, billing};

/// Ends a job.
pub(super) async fn finish(core: &Core, tx: &mut Tx, job: &mut JobRow, outcome: &Outcome) -> Result<()> {
    let now = core.now();
    job.completed_at = Some(now);
    job.updated_at = now;
    job.begun_step = None;
    let company = tenants::find(tx, job.tenant_id).await?.ok_or(ErrorCode::NotFound)?;
    let site_url = core.settings().sites.url(&company.slug);
    match outcome {
        Outcome::Completed { result } => {
            job.status = JobStatus::Completed;
            job.progress = 100;
            job.message = None;
            job.result.clone_from(result);
            complete(core, tx, job).await?;
        }
        Outcome::Failed { error, leak } => {
            job.status = JobStatus::Failed;
            job.message = None;
            job.error = Some(reason(tx, job, error).await?);
            job.leak.clone_from(leak);
            fail(core, tx, job).await?;
        }
    }
    erpmax_store::jobs::update(tx, job).await?;
    tell(core, tx, job, &site_url);
    notify(core, tx, job, company.name, site_url).await?;
    let (tenant, target) = (Some(job.tenant_id), Some(job.id.to_string()));
    let change = json!({"job_type": job.job_type, "status": job.status, "attempt": job.attempt, "error": job.error});
    record(core, tx, Actor::default(), Action { name: "jobs.end", tenant, target, change }).await
}

async fn complete(core: &Core, tx: &mut Tx, job: &JobRow) -> Result<()> {
    let Some(site) = job.site_id else { return Ok(()) };
    match job.job_type {
        JobType::CreateSite => {
            sites::mark_ready(tx, site, core.now()).await?;
            tenants::update_status(tx, job.tenant_id, TenantStatus::Active, core.now()).await?;
            billing::trial::move_once(core, tx, job.tenant_id).await
        }
        JobType::DeleteSite => {
            sites::delete(tx, site).await?;
            Ok(tenants::update_status(tx, job.tenant_id, TenantStatus::Pending, core.now()).await?)
        }
        JobType::BackupSite => Ok(()),
    }
}

async fn fail(core: &Core, tx: &mut Tx, job: &JobRow) -> Result<()> {
    let Some(site) = job.site_id else { return Ok(()) };
    match job.job_type {
        JobType::CreateSite => {
            if job.leak.is_some() {
                sites::mark_leaked(tx, site).await?;
            } else {
                sites::delete(tx, site).await?;
            }
            Ok(tenants::update_status(tx, job.tenant_id, TenantStatus::Pending, core.now()).await?)
        }
        // Beyond the point of no return the site stays closed, and deleting it can be tried again.
        JobType::DeleteSite if job.is_irrevocable => Ok(sites::mark_leaked(tx, site).await?),
        JobType::DeleteSite => Ok(sites::set_closing(tx, site, false, core.now()).await?),
        JobType::BackupSite => Ok(()),
    }
}

/// Why it failed, for a person; a cancelled job says who cancelled it.
async fn reason(tx: &mut Tx, job: &JobRow, error: &str) -> Result<String> {
    match &job.cancelled_by {
        Some(name) => {
            let language = language_of(tx, job.requested_by).await?;
            Ok(language.say("job-cancelled", &[("name", FluentValue::from(name.clone()))]))
        }
        None => Ok(error.to_owned()),
    }
}

fn tell(core: &Core, tx: &mut Tx, row: &JobRow, site_url: &str) {
    let (audience, job) = (Audience::Tenant(row.tenant_id), row.to_job());
    if row.job_type == JobType::CreateSite {
        let (job_id, tenant_id, job_type) = (row.id, row.tenant_id, row.job_type);
        let event = if row.status == JobStatus::Completed {
            let erpnext_url = site_url.to_owned();
            Event::StatusCompleted(StatusCompleted { job_id, tenant_id, job_type, erpnext_url })
        } else {
            let error = row.error.clone().unwrap_or_default();
            Event::StatusFailed(StatusFailed { job_id, tenant_id, job_type, error })
        };
        core.emit(tx, audience, event);
    }
    core.emit(tx, audience, Event::JobUpdated { job });
}

async fn notify(core: &Core, tx: &mut Tx, job: &JobRow, company: String, url: String) -> Result<()> {
    let done = job.status == JobStatus::Completed;
    let name = match (job.job_type, done) {
        (JobType::CreateSite, true) => "create_site_done",
        (JobType::CreateSite, false) => "create_site_failed",
        (JobType::DeleteSite, true) => "delete_site_done",
        (JobType::DeleteSite, false) => "delete_site_failed",
        (JobType::BackupSite, true) => "backup_site_done",
        (JobType::BackupSite, false) => "backup_site_failed",
    };
    let kind = if done { NotificationType::Success } else { NotificationType::Error };
    let error = job.error.clone().unwrap_or_default();
    if !done {
        let letter = Letter::JobFailed { company: company.clone(), job_type: job.job_type, reason: error.clone() };
        mail::send_to_members(core, tx, job.tenant_id, Role::Admin, &letter).await?;
    }
    let text = Text::new(name, kind).with("company", company).with("url", url).with("error", error);
    notify_members(core, tx, job.tenant_id, Role::User, &text).await
}
