//! `erpmax job`: what is being done to the site.

use erpmax_client::Error;
use erpmax_client::types::JobId;
use erpmax_client::types::provisioning::{JobStatus, ProvisioningJob};
use serde_json::json;

use super::args::{JobCommand, WhichJob};
use super::explain::refused;
use super::output::{Fields, document, minute, when, word};
use super::table::Table;
use super::{Desk, watch};
use crate::failure::Failure;

/// How many of the newest are looked at.
const NEWEST: u32 = 50;

pub(super) async fn run(command: &JobCommand, desk: &Desk<'_>) -> Result<(), Failure> {
    let provisioning = desk.client.provisioning();
    match command {
        JobCommand::List => list(desk).await,
        JobCommand::Show(which) => show(&newest(which, desk).await?, desk),
        JobCommand::Watch(which) => watch::to_the_end(&watched(which, desk).await?, desk).await,
        JobCommand::Retry { job, watching } => {
            let failed = newest(job, desk).await?;
            watch::unless_detached(&provisioning.retry(failed.id).await?, watching, desk).await
        }
        JobCommand::Cancel(which) => {
            let running = under_way(which, desk).await?;
            let job = provisioning.cancel(running.id).await?;
            let text =
                format!("The job is being stopped; what it has done is undone. Watch it: erpmax job watch {}", job.id);
            desk.printer.done(&document(&job)?, &text);
            Ok(())
        }
    }
}

async fn list(desk: &Desk<'_>) -> Result<(), Failure> {
    let jobs = desk.client.provisioning().list_all_types().size(NEWEST).await?;
    let mut table = Table::new().whole("Job").text("What").text("Status").whole("Asked for (UTC)");
    for job in &jobs.items {
        table.row([job.id.to_string(), word(&job.job_type), status(job), minute(job.created_at)]);
    }
    desk.table(
        &json!({"jobs": jobs.items, "total": jobs.total}),
        &table,
        "There were none. Have a site built: erpmax site create",
    );
    if jobs.has_more() {
        desk.printer.aside(&format!("These are the newest {NEWEST} of {}.", jobs.total));
    }
    Ok(())
}

/// With how far it is, while it is on its way.
fn status(job: &ProvisioningJob) -> String {
    match job.status {
        JobStatus::Running => format!("running {} %", job.progress),
        status => word(&status),
    }
}

fn show(job: &ProvisioningJob, desk: &Desk<'_>) -> Result<(), Failure> {
    let fields = Fields::default()
        .with("Job", job.id)
        .with("What", word(&job.job_type))
        .with("Status", word(&job.status))
        .with("Progress", format!("{} %", job.progress))
        .with_some("Doing", job.message.as_ref())
        .with_some("Error", job.error.as_ref())
        .with_some("Attempt", Some(job.attempt).filter(|attempt| *attempt > 1))
        .with("Asked for", when(job.created_at))
        .with_some("Began", job.started_at.map(when))
        .with_some("Ended", job.completed_at.map(when));
    desk.fields(&document(job)?, &fields);
    Ok(())
}

/// The job of this id; none if no id was given.
async fn given(which: &WhichJob, desk: &Desk<'_>) -> Result<Option<ProvisioningJob>, Failure> {
    let Some(text) = &which.job else { return Ok(None) };
    let wrong = |_| Failure::wrong(format!("`{text}` is no job's id; see which there are: erpmax job list"));
    let id: JobId = text.parse().map_err(wrong)?;
    match desk.client.provisioning().get(id).await {
        Ok(job) => Ok(Some(job)),
        Err(Error::NotFound(_)) => {
            Err(refused(format!("The company has no job {id}."), "See which it has: erpmax job list"))
        }
        Err(error) => Err(error.into()),
    }
}

/// The one that is named, else the newest.
async fn newest(which: &WhichJob, desk: &Desk<'_>) -> Result<ProvisioningJob, Failure> {
    if let Some(job) = given(which, desk).await? {
        return Ok(job);
    }
    let jobs = desk.client.provisioning().list_all_types().size(1).await?;
    jobs.items.into_iter().next().ok_or_else(|| refused("There is no job.", "Have a site built: erpmax site create"))
}

/// The one that is named, else the one under way, else the newest.
async fn watched(which: &WhichJob, desk: &Desk<'_>) -> Result<ProvisioningJob, Failure> {
    match (given(which, desk).await?, all_under_way(desk).await?.as_slice()) {
        (Some(job), _) => Ok(job),
        (None, []) => newest(which, desk).await,
        (None, jobs) => only(jobs),
    }
}

/// The one that is named, else the one under way.
async fn under_way(which: &WhichJob, desk: &Desk<'_>) -> Result<ProvisioningJob, Failure> {
    match given(which, desk).await? {
        Some(job) => Ok(job),
        None => only(&all_under_way(desk).await?),
    }
}

async fn all_under_way(desk: &Desk<'_>) -> Result<Vec<ProvisioningJob>, Failure> {
    let mut jobs = desk.client.provisioning().list_all_types().size(NEWEST).await?.items;
    jobs.retain(|job| matches!(job.status, JobStatus::Pending | JobStatus::Running));
    Ok(jobs)
}

fn only(jobs: &[ProvisioningJob]) -> Result<ProvisioningJob, Failure> {
    match jobs {
        [] => Err(refused("No job is under way.", "See what was: erpmax job list")),
        [job] => Ok(job.clone()),
        several => {
            let ids: Vec<_> = several.iter().map(|job| format!("  {} {}", job.id, word(&job.job_type))).collect();
            Err(Failure::wrong(format!("several jobs are under way; say which:\n{}", ids.join("\n"))))
        }
    }
}
