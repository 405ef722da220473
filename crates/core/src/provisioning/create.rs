//! Asking for a job: the job, its site and its place in the queue commit together.

use erpmax_store::jobs::{self, JobRow};
use erpmax_store::sites::{self, SiteRow};
use erpmax_store::{Conn, Tx, tenants, work};
use erpmax_types::provisioning::{CreateJob, JobStatus, JobType, ProvisioningJob};
use erpmax_types::runner::Direction;
use erpmax_types::tenants::TenantStatus;
use erpmax_types::users::Role;
use erpmax_types::{ErrorCode, SiteId, TenantId, UserId};
use serde_json::json;

use super::{QUEUE, tell};
use crate::access::Admin;
use crate::audit::{Action, record};
use crate::idempotency::{keep, replay};
use crate::messages::Language;
use crate::{Core, Idempotency, Result, billing, field, hash, random_token};

/// Asks for a job. While one of its type is under way that one is the answer, and the second value is false: a repeated tap is
/// harmless.
pub async fn create(
    core: &Core,
    admin: &Admin,
    request: &CreateJob,
    idempotency: Option<Idempotency>,
) -> Result<(ProvisioningJob, bool)> {
    let job_type = request.job_type.parse().ok().filter(|job_type: &JobType| !job_type.is_automatic());
    let job_type = job_type.ok_or_else(|| field("job_type", "job_type_unknown"))?;
    if job_type == JobType::DeleteSite && admin.role != Role::Owner {
        return Err(ErrorCode::Forbidden.into());
    }
    if job_type == JobType::CreateSite {
        admin.require_proven_email(core)?;
    }
    let mut tx = core.store().begin().await?;
    tenants::lock(&mut tx, admin.tenant_id).await?;
    if let Some(answer) = replay(core, &mut tx, admin, idempotency.as_ref()).await? {
        return Ok(answer);
    }
    if let Some(job) = jobs::find_unfinished(&mut tx, admin.tenant_id, job_type).await? {
        let answer = (job.to_job(), false);
        keep(core, &mut tx, admin, idempotency.as_ref(), &answer).await?;
        tx.commit().await?;
        return Ok(answer);
    }
    let site = claim_site(core, &mut tx, admin.tenant_id, job_type).await?;
    let job = new_job(core, admin.into(), job_type, site);
    jobs::insert(&mut tx, &job).await?;
    enqueue(core, &mut tx, &job).await?;
    let (tenant, target) = (Some(job.tenant_id), Some(job.id.to_string()));
    let change = json!({"job_type": job_type});
    record(core, &mut tx, (&***admin).into(), Action { name: "jobs.create", tenant, target, change }).await?;
    let answer = (job.to_job(), true);
    keep(core, &mut tx, admin, idempotency.as_ref(), &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Who asks for a job.
#[derive(Clone, Copy)]
pub(super) struct Asker<'a> {
    pub(super) tenant: TenantId,
    /// Whose language the job speaks.
    pub(super) user: UserId,
    pub(super) language: &'a Language,
    /// Whether it is the life of the subscription that asks.
    pub(super) is_automatic: bool,
}

impl<'a> From<&'a Admin> for Asker<'a> {
    fn from(admin: &'a Admin) -> Self {
        Self { tenant: admin.tenant_id, user: admin.user_id, language: &admin.language, is_automatic: false }
    }
}

/// A job that waits for its first attempt.
pub(super) fn new_job(core: &Core, asker: Asker<'_>, job_type: JobType, site: SiteId) -> JobRow {
    let now = core.now();
    JobRow {
        id: core.id(),
        tenant_id: asker.tenant,
        site_id: Some(site),
        requested_by: asker.user,
        is_automatic: asker.is_automatic,
        job_type,
        status: JobStatus::Pending,
        progress: 0,
        message: Some(asker.language.say("job-queued", &[])),
        error: None,
        step: None,
        attempt: 1,
        direction: Direction::Forward,
        done_steps: "[]".to_owned(),
        begun_step: None,
        reason: None,
        is_irrevocable: false,
        cancel_requested_at: None,
        cancelled_by: None,
        result: None,
        leak: None,
        started_at: None,
        completed_at: None,
        created_at: now,
        updated_at: now,
    }
}

/// Puts a job into the queue and tells the tenant's sockets. A tenant's jobs run one after another, in the order of asking.
pub(super) async fn enqueue(core: &Core, tx: &mut Tx, job: &JobRow) -> Result<()> {
    if job.job_type == JobType::CreateSite {
        tenants::update_status(tx, job.tenant_id, TenantStatus::Provisioning, core.now()).await?;
    }
    let lane = format!("tenant/{}", job.tenant_id);
    work::insert(tx, core.id(), QUEUE, &job.id.to_string(), &lane, core.now()).await?;
    tell(core, tx, job);
    Ok(())
}

/// The site that a job of this type is about; a new one for a creation.
pub(super) async fn claim_site(core: &Core, tx: &mut Tx, tenant: TenantId, job_type: JobType) -> Result<SiteId> {
    let site = sites::find_of_tenant(tx, tenant).await?;
    match (job_type, site) {
        (JobType::CreateSite, None) => {
            billing::limits::check_subscription(tx, tenant).await?;
            new_site(core, tx, tenant).await
        }
        (JobType::CreateSite, Some(site)) if site.state == "leaked" => Err(ErrorCode::Conflict.into()),
        (JobType::CreateSite, Some(_)) => Err(ErrorCode::SiteExists.into()),
        (JobType::DeleteSite, Some(site)) if site.state != "building" => Ok(site.id),
        // Behind a deletion in the queue there would be nothing left to save.
        (JobType::BackupSite, Some(site)) if site.ready_at.is_some() && !is_to_be_deleted(tx, tenant).await? => {
            billing::limits::check_subscription(tx, tenant).await?;
            Ok(site.id)
        }
        (_, _) => Err(ErrorCode::SiteMissing.into()),
    }
}

/// Whether the tenant's site is being deleted, or will be.
pub(crate) async fn is_to_be_deleted(conn: &mut Conn, tenant: TenantId) -> Result<bool> {
    Ok(jobs::find_unfinished(conn, tenant, JobType::DeleteSite).await?.is_some())
}

async fn new_site(core: &Core, tx: &mut Tx, tenant: TenantId) -> Result<SiteId> {
    let slug = tenants::find(tx, tenant).await?.ok_or(ErrorCode::NotFound)?.slug;
    let name = slug.parse().map_err(anyhow::Error::new)?;
    let (id, key): (SiteId, _) = (core.id(), random_token());
    let site = SiteRow {
        id,
        tenant_id: tenant,
        name,
        key_sealed: core.master().seal(&key_place(id), key.as_bytes())?,
        key_hash: hash(&key),
        state: "building".to_owned(),
        created_at: core.now(),
        ready_at: None,
        is_suspended: false,
    };
    sites::insert(tx, &site).await?;
    Ok(id)
}

/// Where a site's sealed key belongs.
pub(super) fn key_place(site: SiteId) -> String {
    format!("sites/{site}")
}
