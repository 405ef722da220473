//! Handing a job to a runner.

use std::time::Duration;

use anyhow::Context;
use erpmax_store::jobs::{self, JobRow};
use erpmax_store::work::{self, NewLease, WorkRow};
use erpmax_store::{Tx, memberships, sites, tenants};
use erpmax_types::provisioning::{JobStatus, JobType};
use erpmax_types::runner::{Direction, Hold, Lease, LeasedSite, RunnerIdentity};
use erpmax_types::users::Role;
use erpmax_types::{ErrorCode, JobId};
use tracing::error;

use super::create::key_place;
use super::{QUEUE, automatic, save};
use crate::{Core, Error, Result};

/// How long a job waits that could not be handed over.
const PAUSE: Duration = Duration::from_secs(10);

/// Leases the next due job, if there is one.
pub(super) async fn lease(core: &Core, runner: &RunnerIdentity) -> Result<Option<Lease>> {
    if !work::is_due(&mut core.store().read().await?, QUEUE, core.now()).await? {
        return Ok(None);
    }
    let mut tx = core.store().begin().await?;
    let until = core.now() + core.settings().lease;
    let wanted = NewLease { id: core.id(), host: &runner.host, boot: &runner.boot, until };
    let Some(work) = work::lease(&mut tx, QUEUE, &wanted, core.now()).await? else { return Ok(None) };
    match hand_over(core, &mut tx, &work).await {
        Ok(lease) => {
            tx.commit().await?;
            Ok(Some(lease))
        }
        Err(problem) => {
            drop(tx);
            put_off(core, &work, problem).await.map(|()| None)
        }
    }
}

async fn hand_over(core: &Core, tx: &mut Tx, work: &WorkRow) -> Result<Lease> {
    let id: JobId = work.subject.parse().context("A queued job has a bad id")?;
    let mut job = jobs::lock(tx, id).await?.context("A queued job is missing")?;
    begin(core, tx, &mut job).await?;
    let site = leased_site(core, tx, &job).await?;
    to_lease(core, work, &job, site)
}

/// A job that cannot be handed over must not stand in the way of all those behind it.
async fn put_off(core: &Core, work: &WorkRow, problem: Error) -> Result<()> {
    if problem.code() == ErrorCode::Unavailable {
        return Err(problem);
    }
    error!(job.id = work.subject, error = ?problem, "A job cannot be handed over to a runner and waits");
    let mut tx = core.store().begin().await?;
    // The lease was rolled back; what stands is the fence before it.
    work::put_off(&mut tx, work.id, work.fence - 1, core.now() + PAUSE, &problem.to_string()).await?;
    Ok(tx.commit().await?)
}

/// A first lease begins the attempt; a later one goes on where the last runner stopped.
async fn begin(core: &Core, tx: &mut Tx, job: &mut JobRow) -> Result<()> {
    automatic::call_off(core, tx, job).await?;
    if job.status == JobStatus::Pending {
        job.status = JobStatus::Running;
        job.started_at = Some(core.now());
        if let (JobType::DeleteSite, Some(site)) = (job.job_type, job.site_id) {
            sites::set_closing(tx, site, true, core.now()).await?;
        }
    }
    if job.cancel_requested_at.is_some() && !job.is_irrevocable {
        job.direction = Direction::Undo;
    }
    save(core, tx, job).await
}

async fn leased_site(core: &Core, tx: &mut Tx, job: &JobRow) -> Result<LeasedSite> {
    let site = sites::find_of_tenant(tx, job.tenant_id).await?.context("A job's site is missing")?;
    let tenant = tenants::find(tx, job.tenant_id).await?.context("A job's tenant is missing")?;
    let owners = memberships::list_with_role(tx, job.tenant_id, Role::Owner).await?;
    let owner = owners.first().context("A tenant has no owner")?;
    let key = core.master().open(&key_place(site.id), &site.key_sealed)?;
    Ok(LeasedSite {
        id: site.id,
        tenant_id: job.tenant_id,
        company: tenant.name,
        url: core.settings().sites.url(site.name.as_str()),
        name: site.name,
        key: String::from_utf8(key).context("A site's key is no text")?,
        owner_email: owner.email.clone(),
        owner_name: owner.full_name.clone(),
        callback_url: format!("{}/api/v1/sso/erpnext/callback", core.settings().public_url),
    })
}

fn to_lease(core: &Core, work: &WorkRow, job: &JobRow, site: LeasedSite) -> Result<Lease> {
    let lease = work.lease_id.context("A leased job has no lease")?;
    Ok(Lease {
        hold: Hold { lease, fence: work.fence, sequence: 0 },
        lasts_milliseconds: u64::try_from(core.settings().lease.as_millis()).unwrap_or(u64::MAX),
        job_id: job.id,
        job_type: job.job_type,
        attempt: job.attempt,
        direction: job.direction,
        done: serde_json::from_str(&job.done_steps)?,
        begun: job.begun_step.clone(),
        reason: job.reason.clone(),
        site,
    })
}
