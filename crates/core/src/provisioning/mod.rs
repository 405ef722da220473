//! Provisioning: what is asked for ([`create`], [`retry`], [`cancel`]) and what runners report ([`control`]).

mod automatic;
pub mod backups;
mod cancel;
pub mod control;
mod create;
mod lease;
mod outcome;
pub mod progress;
mod retry;

use erpmax_store::jobs::{self, JobRow};
use erpmax_store::outbox::Audience;
use erpmax_store::{Conn, Tx, users};
use erpmax_types::envelope::{Page, PageRequest};
use erpmax_types::events::{Event, StatusUpdate};
use erpmax_types::provisioning::{JobType, ProvisioningJob};
use erpmax_types::{ErrorCode, JobId, UserId};

use crate::access::Member;
use crate::messages::Language;
use crate::validation::id;
use crate::{Core, Result};

pub(crate) use automatic::ask;
pub use cancel::cancel;
pub use create::create;
pub(crate) use create::is_to_be_deleted;
pub(crate) use outcome::{end_id, end_of_creation, site_url};
pub use retry::retry;

/// The queue of provisioning jobs.
pub(crate) const QUEUE: &str = "provisioning";

/// A page of the tenant's jobs, newest first; of the guide's types only, or of all.
pub async fn list(core: &Core, member: &Member, all_types: bool, page: PageRequest) -> Result<Page<ProvisioningJob>> {
    let mut conn = core.store().read().await?;
    let rows = jobs::list(&mut conn, member.tenant_id, all_types, page.size, page.offset()).await?;
    let total = jobs::count(&mut conn, member.tenant_id, all_types).await?;
    Ok(page.of(rows.iter().map(JobRow::to_job).collect(), total))
}

/// One of the tenant's jobs.
pub async fn show(core: &Core, member: &Member, job: &str) -> Result<ProvisioningJob> {
    let job: JobId = id(job)?;
    let row = jobs::find_of_tenant(&mut core.store().read().await?, member.tenant_id, job).await?;
    Ok(row.ok_or(ErrorCode::NotFound)?.to_job())
}

/// Writes a changed job and tells the tenant's sockets.
async fn save(core: &Core, tx: &mut Tx, job: &mut JobRow) -> Result<()> {
    job.updated_at = core.now();
    jobs::update(tx, job).await?;
    tell(core, tx, job);
    Ok(())
}

/// Tells the tenant's sockets where a job stands. The seed client takes any `status:update` for the building of its site, so
/// only that is told by it (contract, trap 10).
fn tell(core: &Core, tx: &mut Tx, job: &JobRow) {
    let job = job.to_job();
    let audience = Audience::Tenant(job.tenant_id);
    if job.job_type == JobType::CreateSite {
        core.emit(tx, audience, Event::StatusUpdate(StatusUpdate::from(&job)));
    }
    core.emit(tx, audience, Event::JobUpdated { job });
}

/// The language in which a job speaks: that of the person who asked for it.
async fn language_of(conn: &mut Conn, user: UserId) -> Result<Language> {
    let user = users::find(conn, user).await?;
    Ok(user.map_or_else(Language::english, |user| Language::from_tag(&user.language)))
}

/// What a step does, for a person; the driver's own words where the catalogue has none.
fn step_message(language: &Language, job_type: JobType, step: &str, otherwise: &str) -> String {
    language.find_message(&format!("job-{job_type}-{step}")).unwrap_or_else(|| otherwise.to_owned())
}
