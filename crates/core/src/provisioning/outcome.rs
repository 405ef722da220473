//! The end of a job: the job, its site, its tenant and everybody who hears of it, in one transaction.

use std::time::Duration;

use erpmax_store::jobs::{self, JobRow};
use erpmax_store::outbox::{Audience, Emission, News};
use erpmax_store::{Conn, Tx, sites, subscriptions, tenants};
use erpmax_types::events::{Event, StatusCompleted, StatusFailed};
use erpmax_types::notifications::NotificationType;
use erpmax_types::provisioning::{JobStatus, JobType};
use erpmax_types::runner::Outcome;
use erpmax_types::tenants::TenantStatus;
use erpmax_types::users::Role;
use erpmax_types::{ErrorCode, EventId, TenantId};
use fluent_templates::fluent_bundle::FluentValue;
use serde_json::json;
use tracing::error;
use uuid::Uuid;

use super::{backups, language_of};
use crate::audit::{Action, Actor, record};
use crate::mail::{self, Letter};
use crate::notifications::{Text, notify_members};
use crate::{Core, Result, billing};

/// How long a job that the subscription asked for and that failed is not asked for again.
const PAUSE: Duration = Duration::from_secs(600);

/// Ends a job.
pub(super) async fn finish(core: &Core, tx: &mut Tx, job: &mut JobRow, outcome: &Outcome) -> Result<()> {
    tenants::lock(tx, job.tenant_id).await?;
    let now = core.now();
    job.completed_at = Some(now);
    job.updated_at = now;
    job.begun_step = None;
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
    jobs::update(tx, job).await?;
    let site_url = site_url(core, tx, job.tenant_id).await?.unwrap_or_default();
    tell(core, tx, job, &site_url)?;
    notify(core, tx, job, site_url).await?;
    let (tenant, target) = (Some(job.tenant_id), Some(job.id.to_string()));
    let change = json!({"job_type": job.job_type, "status": job.status, "attempt": job.attempt, "error": job.error});
    record(core, tx, Actor::default(), Action { name: "jobs.end", tenant, target, change }).await
}

async fn complete(core: &Core, tx: &mut Tx, job: &JobRow) -> Result<()> {
    let Some(site) = job.site_id else { return Ok(()) };
    let now = core.now();
    match job.job_type {
        JobType::CreateSite => {
            sites::mark_ready(tx, site, now).await?;
            tenants::update_status(tx, job.tenant_id, TenantStatus::Active, now).await?;
            billing::trial::move_once(core, tx, job.tenant_id).await?;
            // Its subscription may have ended while it was built.
            Ok(subscriptions::update_next_step(tx, job.tenant_id, Some(now)).await?)
        }
        JobType::DeleteSite => {
            backups::keep(core, tx, job).await?;
            sites::delete(tx, site).await?;
            let left = if job.is_automatic { TenantStatus::Cancelled } else { TenantStatus::Pending };
            tenants::update_status(tx, job.tenant_id, left, now).await?;
            Ok(subscriptions::update_next_step(tx, job.tenant_id, Some(now)).await?)
        }
        JobType::BackupSite => backups::keep(core, tx, job).await,
        JobType::SuspendSite | JobType::ResumeSite => Ok(()),
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
        // Neither deleted nor whole: there is no site to open any more, and deleting what is left can be tried again.
        JobType::DeleteSite if job.is_irrevocable || job.leak.is_some() => {
            sites::mark_leaked(tx, site).await?;
            if job.is_automatic {
                error!(job.id = %job.id, tenant.id = %job.tenant_id, error = job.error,
                    "A site that its subscription let go could not be deleted wholly; see the jobs that leaked");
            }
            Ok(tenants::update_status(tx, job.tenant_id, TenantStatus::Pending, core.now()).await?)
        }
        JobType::DeleteSite => {
            sites::set_closing(tx, site, false, core.now()).await?;
            look_again(core, tx, job).await
        }
        JobType::SuspendSite | JobType::ResumeSite => {
            sites::set_suspended(tx, site, job.job_type == JobType::ResumeSite).await?;
            look_again(core, tx, job).await
        }
        JobType::BackupSite => Ok(()),
    }
}

/// Lets the subscription decide again; after a while where the job was its own.
async fn look_again(core: &Core, tx: &mut Tx, job: &JobRow) -> Result<()> {
    let is_fault = job.is_automatic && !is_called_off(job);
    if is_fault {
        error!(job.id = %job.id, tenant.id = %job.tenant_id, job.job_type = %job.job_type,
            error = job.error, "A job of the subscription's failed and is asked for again");
    }
    let pause = if is_fault { PAUSE } else { Duration::ZERO };
    Ok(subscriptions::update_next_step(tx, job.tenant_id, Some(core.now() + pause)).await?)
}

/// Whether a payment came before a deletion that the subscription asked for.
fn is_called_off(job: &JobRow) -> bool {
    job.is_automatic && job.cancel_requested_at.is_some()
}

/// Why it failed, for a person; a cancelled job says who cancelled it.
async fn reason(tx: &mut Tx, job: &JobRow, error: &str) -> Result<String> {
    if job.cancelled_by.is_none() && !is_called_off(job) {
        return Ok(error.to_owned());
    }
    let language = language_of(tx, job.requested_by).await?;
    Ok(match &job.cancelled_by {
        Some(name) => language.say("job-cancelled", &[("name", FluentValue::from(name.clone()))]),
        None => language.say("job-called_off", &[]),
    })
}

fn tell(core: &Core, tx: &mut Tx, job: &JobRow, site_url: &str) -> Result<()> {
    let audience = Audience::Tenant(job.tenant_id);
    if job.job_type == JobType::CreateSite {
        let news = News::Event(end_of_creation(job, site_url));
        tx.emit(Emission { id: end_id(job)?, audience, news, at: core.now() });
    }
    core.emit(tx, audience, Event::JobUpdated { job: job.to_job() });
    Ok(())
}

/// How a creation that has ended is told.
pub(crate) fn end_of_creation(job: &JobRow, site_url: &str) -> Event {
    let (job_id, tenant_id, job_type) = (job.id, job.tenant_id, job.job_type);
    if job.status == JobStatus::Completed {
        Event::StatusCompleted(StatusCompleted { job_id, tenant_id, job_type, erpnext_url: site_url.to_owned() })
    } else {
        let error = job.error.clone().unwrap_or_default();
        Event::StatusFailed(StatusFailed { job_id, tenant_id, job_type, error })
    }
}

/// The id under which the end of an attempt is told, whenever and by whichever node.
pub(crate) fn end_id(job: &JobRow) -> Result<EventId> {
    let id: Uuid = job.id.to_string().parse().map_err(anyhow::Error::from)?;
    let attempt = u128::try_from(job.attempt).unwrap_or(0);
    Ok(Uuid::from_u128(id.as_u128().wrapping_add(attempt)).into())
}

/// The address of the tenant's site, if it is open.
pub(crate) async fn site_url(core: &Core, conn: &mut Conn, tenant: TenantId) -> Result<Option<String>> {
    let site = sites::find_of_tenant(conn, tenant).await?.filter(|site| site.ready_at.is_some());
    Ok(site.map(|site| core.settings().sites.url(site.name.as_str())))
}

async fn notify(core: &Core, tx: &mut Tx, job: &JobRow, url: String) -> Result<()> {
    let Some((name, kind)) = text_of_end(job) else { return Ok(()) };
    let company = tenants::find(tx, job.tenant_id).await?.ok_or(ErrorCode::NotFound)?.name;
    let error = job.error.clone().unwrap_or_default();
    if job.status == JobStatus::Failed {
        let letter = Letter::JobFailed { company: company.clone(), job_type: job.job_type, reason: error.clone() };
        mail::send_to_members(core, tx, job.tenant_id, Role::Admin, &letter).await?;
    }
    let text = Text::new(name, kind).with("company", company).with("url", url).with("error", error);
    notify_members(core, tx, job.tenant_id, Role::User, &text).await
}

/// What is said of the end. Only where nothing was left behind it is said so. That a site was closed the subscription told before;
/// what it wanted and did not come about concerns the operator.
fn text_of_end(job: &JobRow) -> Option<(&'static str, NotificationType)> {
    if job.status == JobStatus::Completed {
        let name = match job.job_type {
            JobType::CreateSite => "create_site_done",
            JobType::DeleteSite => "delete_site_done",
            JobType::BackupSite => "backup_site_done",
            JobType::ResumeSite => "resume_site_done",
            JobType::SuspendSite => return None,
        };
        return Some((name, NotificationType::Success));
    }
    if job.is_automatic {
        return None;
    }
    let name = match (job.job_type, &job.leak) {
        (JobType::CreateSite, None) => "create_site_failed",
        (JobType::CreateSite, Some(_)) => "create_site_leaked",
        (JobType::DeleteSite, None) => "delete_site_failed",
        (JobType::DeleteSite, Some(_)) => "delete_site_leaked",
        (JobType::BackupSite, _) => "backup_site_failed",
        (JobType::SuspendSite | JobType::ResumeSite, _) => return None,
    };
    Some((name, NotificationType::Error))
}
