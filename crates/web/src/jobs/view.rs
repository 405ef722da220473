//! A job as pages show it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use erpmax_client::types::provisioning::{JobStatus, JobType, ProvisioningJob};
use erpmax_client::types::{JobId, Timestamp};

use crate::format::Moment;
use crate::words::{Key, Words, key};

/// Progress below which nothing is said about the time that is left.
const TOO_EARLY: u32 = 5;

/// A job, in words.
pub(crate) struct JobView {
    pub(crate) id: JobId,
    pub(crate) title: String,
    pub(crate) status: JobStatus,
    pub(crate) status_text: String,
    pub(crate) percent: i64,
    pub(crate) attempt: i64,
    pub(crate) message: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) steps: Vec<Step>,
    /// How long it has run, or ran.
    pub(crate) elapsed: Option<String>,
    /// How long it will about take from now on.
    pub(crate) left: Option<String>,
    pub(crate) at: Moment,
    /// Whether the site can be opened now that it is done.
    pub(crate) opens_site: bool,
}

/// A step of a job.
pub(crate) struct Step {
    pub(crate) label: String,
    pub(crate) state: StepState,
    pub(crate) state_text: String,
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepState {
    Done,
    Now,
    Failed,
    Later,
}

/// The steps of a job in their order, as far as they have names of their own here.
const fn steps(job_type: JobType) -> &'static [(&'static str, Key)] {
    match job_type {
        JobType::CreateSite => &[
            ("reserve", key::STEP_RESERVE),
            ("database", key::STEP_DATABASE),
            ("apps", key::STEP_APPS),
            ("configure", key::STEP_CONFIGURE),
            ("user", key::STEP_USER),
            ("check", key::STEP_CHECK),
            ("open", key::STEP_OPEN),
        ],
        JobType::BackupSite => {
            &[("dump", key::STEP_DUMP), ("verify", key::STEP_VERIFY), ("publish", key::STEP_PUBLISH)]
        }
        JobType::DeleteSite => {
            &[("close", key::STEP_CLOSE), ("archive", key::STEP_ARCHIVE), ("remove", key::STEP_REMOVE)]
        }
        JobType::SuspendSite | JobType::ResumeSite => &[],
    }
}

const fn title(job_type: JobType) -> Key {
    match job_type {
        JobType::CreateSite => key::JOB_CREATE_SITE,
        JobType::DeleteSite => key::JOB_DELETE_SITE,
        JobType::BackupSite => key::JOB_BACKUP_SITE,
        JobType::SuspendSite => key::JOB_SUSPEND_SITE,
        JobType::ResumeSite => key::JOB_RESUME_SITE,
    }
}

const fn status(status: JobStatus) -> Key {
    match status {
        JobStatus::Pending => key::JOB_PENDING,
        JobStatus::Running => key::JOB_RUNNING,
        JobStatus::Completed => key::JOB_COMPLETED,
        JobStatus::Failed => key::JOB_FAILED,
    }
}

impl JobView {
    pub(crate) fn of(words: &Words, job: &ProvisioningJob) -> Self {
        Self::at(words, job, now())
    }

    /// The same, at a given time.
    pub(crate) fn at(words: &Words, job: &ProvisioningJob, now: Timestamp) -> Self {
        let elapsed = job.started_at.map(|started_at| job.completed_at.unwrap_or(now).since(started_at));
        let left = elapsed.filter(|_| job.status == JobStatus::Running).and_then(|elapsed| left(elapsed, job.progress));
        Self {
            id: job.id,
            title: words.say(title(job.job_type)),
            status: job.status,
            status_text: words.say(status(job.status)),
            percent: job.progress,
            attempt: job.attempt,
            message: job.message.clone(),
            error: job.error.clone(),
            steps: step_list(words, job),
            elapsed: elapsed.map(|elapsed| words.span(elapsed)),
            left: left.map(|left| words.span(left)),
            at: words.date_time(job.created_at),
            opens_site: job.status == JobStatus::Completed && job.job_type == JobType::CreateSite,
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.status, JobStatus::Completed | JobStatus::Failed)
    }

    pub(crate) fn is_failed(&self) -> bool {
        self.status == JobStatus::Failed
    }
}

fn now() -> Timestamp {
    let micros = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

/// The time that is left if it goes on as it did.
fn left(elapsed: Duration, percent: i64) -> Option<Duration> {
    let percent = u32::try_from(percent).ok().filter(|percent| (TOO_EARLY..100).contains(percent))?;
    Some(elapsed * (100 - percent) / percent)
}

fn step_list(words: &Words, job: &ProvisioningJob) -> Vec<Step> {
    let steps = steps(job.job_type);
    let here = job.step.as_deref().and_then(|step| steps.iter().position(|(name, _)| *name == step));
    // Another driver has steps of its own; what it says of them is the message.
    if here.is_none() && job.step.as_deref().is_some_and(|step| !step.is_empty()) {
        return Vec::new();
    }
    let state = |index: usize| match (job.status, here) {
        (JobStatus::Completed, _) => StepState::Done,
        (_, Some(here)) if index < here => StepState::Done,
        (JobStatus::Failed, Some(here)) if index == here => StepState::Failed,
        (JobStatus::Running, Some(here)) if index == here => StepState::Now,
        _ => StepState::Later,
    };
    let list = steps.iter().enumerate().map(|(index, (_, label))| {
        let state = state(index);
        Step { label: words.say(*label), state, state_text: words.say(state.text()) }
    });
    list.collect()
}

impl StepState {
    const fn text(self) -> Key {
        match self {
            Self::Done => key::STEP_IS_DONE,
            Self::Now => key::STEP_IS_NOW,
            Self::Failed => key::STEP_IS_FAILED,
            Self::Later => key::STEP_IS_LATER,
        }
    }

    /// The class that its mark has.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Now => "now",
            Self::Failed => "failed",
            Self::Later => "later",
        }
    }
}
