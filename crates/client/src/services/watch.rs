//! A job, followed to its end: by events where they come, by reading it where they do not.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use erpmax_types::JobId;
use erpmax_types::events::{Event, StatusUpdate};
use erpmax_types::provisioning::{JobStatus, ProvisioningJob};
use futures_util::stream::{BoxStream, StreamExt, unfold};
use futures_util::{Stream, TryStreamExt};
use tokio::time::{Instant, sleep_until};

use super::Provisioning;
use crate::realtime::Events;
use crate::{Error, Result, Update};

/// How often the job is read while events come: none is missed for longer.
const NOW_AND_THEN: Duration = Duration::from_secs(15);
/// How often it is read while they do not.
const OFTEN: Duration = Duration::from_secs(2);
/// How long reading may fail before the watcher gives up.
const HOPE: Duration = Duration::from_secs(300);

/// A job being watched: a stream of what it becomes, which ends when the job has ended.
///
/// Progress never goes back within an attempt. The last entry is the job as it ended, `completed` or `failed`. The stream ends
/// with an error when the job cannot be read: at once where that is final, after five minutes where it may pass.
///
/// ```no_run
/// # async fn example(client: erpmax_client::ApiClient) -> erpmax_client::Result<()> {
/// use erpmax_client::types::provisioning::JobType;
/// use futures_util::TryStreamExt;
///
/// let job = client.provisioning().create(JobType::CreateSite).await?;
/// let mut watch = client.provisioning().watch(job.id);
/// while let Some(job) = watch.try_next().await? {
///     println!("{} % {}", job.progress, job.message.unwrap_or_default());
/// }
/// # Ok(())
/// # }
/// ```
pub struct Watch {
    jobs: BoxStream<'static, Result<ProvisioningJob>>,
}

impl Watch {
    pub(super) fn of(provisioning: &Provisioning, job: JobId, events: Events) -> Self {
        let watching = Watching {
            provisioning: provisioning.clone(),
            job,
            events: events.fuse(),
            last: None,
            is_live: false,
            next_reading: Instant::now(),
            not_before: Instant::now(),
            failing_since: None,
            has_ended: false,
        };
        let jobs = unfold(watching, async |mut watching| Some((watching.next().await?, watching)));
        Self { jobs: jobs.boxed() }
    }

    /// Waits for the end: the job as it ended, `completed` or `failed`.
    pub async fn finished(mut self) -> Result<ProvisioningJob> {
        let mut last = None;
        while let Some(job) = self.jobs.try_next().await? {
            last = Some(job);
        }
        last.ok_or(Error::Timeout)
    }
}

impl Stream for Watch {
    type Item = Result<ProvisioningJob>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.jobs.poll_next_unpin(context)
    }
}

struct Watching {
    provisioning: Provisioning,
    job: JobId,
    events: futures_util::stream::Fuse<Events>,
    last: Option<ProvisioningJob>,
    is_live: bool,
    next_reading: Instant,
    /// Until when the server asked not to be read from.
    not_before: Instant,
    failing_since: Option<Instant>,
    has_ended: bool,
}

impl Watching {
    async fn next(&mut self) -> Option<Result<ProvisioningJob>> {
        while !self.has_ended {
            let job = tokio::select! {
                Some(update) = self.events.next() => self.hear(update),
                () = sleep_until(self.next_reading.max(self.not_before)) => match self.read().await {
                    Ok(job) => job,
                    Err(error) => {
                        self.has_ended = true;
                        return Some(Err(error));
                    }
                },
            };
            if let Some(job) = job.filter(|job| self.is_news(job)) {
                self.has_ended = is_end(job.status);
                self.last = Some(job.clone());
                return Some(Ok(job));
            }
        }
        None
    }

    /// What an update says of the job, if it says it all.
    fn hear(&mut self, update: Result<Update>) -> Option<ProvisioningJob> {
        match update {
            Ok(Update::Event { event, .. }) => self.hear_event(event),
            Ok(Update::Connected(_) | Update::Gap { .. }) => {
                self.is_live = true;
                self.next_reading = Instant::now();
                None
            }
            Ok(Update::Interrupted { .. }) | Err(_) => {
                self.is_live = false;
                self.next_reading = self.next_reading.min(Instant::now() + OFTEN);
                None
            }
            Ok(_) => None,
        }
    }

    fn hear_event(&mut self, event: Event) -> Option<ProvisioningJob> {
        match event {
            Event::JobUpdated { job } if job.id == self.job => Some(job),
            Event::StatusUpdate(status) if status.job_id == self.job => self.with(status),
            Event::StatusCompleted(status) if status.job_id == self.job => self.read_now(),
            Event::StatusFailed(status) if status.job_id == self.job => self.read_now(),
            _ => None,
        }
    }

    /// An event that does not say everything.
    fn read_now(&mut self) -> Option<ProvisioningJob> {
        self.next_reading = Instant::now();
        None
    }

    /// The job as it was, with the progress of an event.
    fn with(&self, status: StatusUpdate) -> Option<ProvisioningJob> {
        self.last.clone().map(|last| progressed(last, status))
    }

    /// The job, or none for now; an error where there is no hope.
    async fn read(&mut self) -> Result<Option<ProvisioningJob>> {
        let read = self.provisioning.get(self.job).await;
        self.next_reading = Instant::now() + if self.is_live { NOW_AND_THEN } else { OFTEN };
        match read {
            Ok(job) => {
                self.failing_since = None;
                Ok(Some(job))
            }
            Err(error) if may_pass(&error) => {
                let since = *self.failing_since.get_or_insert_with(Instant::now);
                let wait = asked_for(&error);
                self.not_before = Instant::now() + wait;
                if since.elapsed() + wait < HOPE { Ok(None) } else { Err(error) }
            }
            Err(error) => Err(error),
        }
    }

    /// Whether it is further than what was told last.
    fn is_news(&self, job: &ProvisioningJob) -> bool {
        let rank = |job: &ProvisioningJob| (job.attempt, is_end(job.status), job.progress);
        self.last.as_ref().is_none_or(|last| job != last && rank(job) >= rank(last))
    }
}

/// The job with what an event says; empty text of an event is what the job has none of.
fn progressed(job: ProvisioningJob, status: StatusUpdate) -> ProvisioningJob {
    let StatusUpdate { status, progress, message, step, .. } = status;
    let told = |text: String| Some(text).filter(|text| !text.is_empty());
    ProvisioningJob { status, progress, message: told(message), step: told(step), ..job }
}

/// How long the server wants to be left alone.
fn asked_for(error: &Error) -> Duration {
    match error {
        Error::RateLimited { retry_after: Some(time), .. } => *time,
        _ => Duration::ZERO,
    }
}

fn is_end(status: JobStatus) -> bool {
    matches!(status, JobStatus::Completed | JobStatus::Failed)
}

fn may_pass(error: &Error) -> bool {
    matches!(
        error,
        Error::Connection(_) | Error::Timeout | Error::Server(_) | Error::RateLimited { .. } | Error::Unexpected { .. }
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "019ab000-0000-7000-8000-000000000001";

    #[test]
    fn an_event_before_the_first_step_says_nothing_new() {
        let job = json!({"id": ID, "tenant_id": ID, "status": "pending", "job_type": "create_site", "progress": 0,
            "attempt": 1, "created_at": "2026-11-24T09:30:00Z"});
        let job: ProvisioningJob = serde_json::from_value(job).expect("a job");
        let status = json!({"job_id": ID, "tenant_id": ID, "job_type": "create_site", "status": "pending", "progress": 0,
            "message": "", "step": ""});
        let status = serde_json::from_value(status).expect("a status");
        assert_eq!(progressed(job.clone(), status), job);
    }
}
