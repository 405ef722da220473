//! A job that is followed to its end.

use erpmax_client::ApiClient;
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
use crate::printer::Printer;

/// Watches a job that was just begun, unless nobody wants to.
pub(super) async fn unless_detached(
    job: &ProvisioningJob,
    watching: &Watching,
    desk: &Desk<'_>,
) -> Result<(), Failure> {
    if !watching.detach {
        return to_the_end(job, desk).await;
    }
    let text = format!("The job has begun: {}. Watch it: erpmax job watch {}", word(&job.job_type), job.id);
    desk.printer.done(&document(job)?, &text);
    Ok(())
}

/// Shows how a job goes on until it has ended. After Ctrl-C it goes on without a watcher.
pub(super) async fn to_the_end(job: &ProvisioningJob, desk: &Desk<'_>) -> Result<(), Failure> {
    let again = format!("The job goes on without you. Watch it again: erpmax job watch {}", job.id);
    let ended = tokio::select! {
        biased;
        interrupted = ctrl_c() => interrupted.map_err(Failure::unexpected).and(Err(Failure::Interrupted(again))),
        ended = follow(job, &desk.client, desk.printer) => ended,
    };
    judge(&ended?, desk.printer)
}

/// The job as it ended.
pub(super) async fn follow(
    job: &ProvisioningJob,
    client: &ApiClient,
    printer: &Printer,
) -> Result<ProvisioningJob, Failure> {
    let mut progress = Progress::begin(job, printer);
    let mut watch = client.provisioning().watch(job.id);
    let mut last = job.clone();
    while let Some(job) = watch.try_next().await? {
        progress.show(&job)?;
        last = job;
    }
    Ok(last)
}

fn judge(job: &ProvisioningJob, printer: &Printer) -> Result<(), Failure> {
    if job.status == JobStatus::Failed {
        let why = clean(job.error.as_deref().unwrap_or("no reason was given"));
        return Err(refused(format!("The job failed: {why}"), &format!("Try again: erpmax job retry {}", job.id)));
    }
    // A program has read how it ended already.
    if !printer.is_json() {
        printer.note(match job.job_type {
            JobType::CreateSite => "The site is ready. Open it: erpmax site open",
            JobType::DeleteSite => "The site is deleted.",
            JobType::BackupSite => "The backup is made.",
            JobType::SuspendSite => "The site is closed.",
            JobType::ResumeSite => "The site is open again.",
        });
    }
    Ok(())
}
