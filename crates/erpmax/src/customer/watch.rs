//! A job that is followed to its end.

use erpmax_client::types::provisioning::{JobStatus, JobType, ProvisioningJob};
use futures_util::TryStreamExt as _;
use tokio::signal::ctrl_c;

use super::Desk;
use super::args::Watching;
use super::explain::refused;
use super::output::{document, word};
use super::progress::Progress;
use super::table::clean;
use crate::failure::Failure;

/// Watches a job that was just begun, unless nobody wants to.
pub(super) async fn unless_detached(
    job: &ProvisioningJob,
    watching: &Watching,
    desk: &Desk<'_>,
) -> Result<(), Failure> {
    if !watching.detach {
        return to_the_end(job, desk).await;
    }
    let text = format!("The job {} has begun. Watch it: erpmax job watch {}", word(&job.job_type), job.id);
    desk.printer.done(&document(job)?, &text);
    Ok(())
}

/// Shows how a job goes on until it has ended. It goes on without a watcher, too.
pub(super) async fn to_the_end(job: &ProvisioningJob, desk: &Desk<'_>) -> Result<(), Failure> {
    let mut progress = Progress::begin(job, desk.printer);
    let mut watch = desk.client.provisioning().watch(job.id);
    let mut last = job.clone();
    loop {
        let next = tokio::select! {
            biased;
            interrupted = ctrl_c() => {
                interrupted.map_err(Failure::unexpected)?;
                return Err(left(job));
            }
            next = watch.try_next() => next,
        };
        match next? {
            Some(job) => {
                progress.show(&job)?;
                last = job;
            }
            None => break,
        }
    }
    drop(progress);
    judge(&last, desk)
}

fn left(job: &ProvisioningJob) -> Failure {
    Failure::Interrupted(format!("The job goes on without you. Watch it again: erpmax job watch {}", job.id))
}

fn judge(job: &ProvisioningJob, desk: &Desk<'_>) -> Result<(), Failure> {
    if job.status == JobStatus::Failed {
        let why = clean(job.error.as_deref().unwrap_or("no reason was given"));
        return Err(refused(format!("The job failed: {why}"), &format!("Try again: erpmax job retry {}", job.id)));
    }
    // A program has read how it ended already.
    if !desk.printer.is_json() {
        desk.printer.note(match job.job_type {
            JobType::CreateSite => "The site is ready. Open it: erpmax site open",
            JobType::DeleteSite => "The site is deleted.",
            JobType::BackupSite => "The backup is made.",
            JobType::SuspendSite => "The site is closed.",
            JobType::ResumeSite => "The site is open again.",
        });
    }
    Ok(())
}
