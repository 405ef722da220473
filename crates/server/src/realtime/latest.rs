//! How far each job is as far as sockets were told, so that nobody sees progress go down.
//!
//! Progress inside a step comes from memory, everything else from the outbox, and the two ways are not equally fast.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use erpmax_types::JobId;
use erpmax_types::events::{Event, StatusUpdate};
use erpmax_types::provisioning::JobStatus;

/// How long a job is remembered of which nothing is heard.
const MEMORY: Duration = Duration::from_secs(600);

/// The newest that was told of each job.
#[derive(Default)]
pub(super) struct Latest {
    jobs: HashMap<JobId, Told>,
}

struct Told {
    /// None once the attempt has ended.
    update: Option<StatusUpdate>,
    at: Instant,
}

impl Latest {
    /// Takes in an event of the outbox. Progress in it is raised to what was told of the same attempt before.
    pub(super) fn note(&mut self, event: &mut Event) {
        match event {
            Event::StatusUpdate(update) => {
                if update.status == JobStatus::Running {
                    update.progress = update.progress.max(self.progress(update.job_id));
                }
                self.set(update.job_id, Some(update.clone()));
            }
            Event::StatusCompleted(completed) => self.set(completed.job_id, None),
            Event::StatusFailed(failed) => self.set(failed.job_id, None),
            _ => {}
        }
    }

    /// Takes in progress inside a step; false if more than that was told already.
    pub(super) fn accept(&mut self, update: &StatusUpdate) -> bool {
        let is_news = match self.jobs.get(&update.job_id) {
            Some(Told { update: Some(told), .. }) => update.progress >= told.progress,
            Some(Told { update: None, .. }) => false,
            None => true,
        };
        if is_news {
            self.set(update.job_id, Some(update.clone()));
        }
        is_news
    }

    /// The newer of what the job's row says and what was told. The row is written once a second only, and then before the
    /// progress in it has come round to us.
    pub(super) fn newest(&mut self, row: StatusUpdate) -> StatusUpdate {
        match self.jobs.get(&row.job_id) {
            Some(Told { update: Some(told), .. }) if told.progress > row.progress => told.clone(),
            _ => {
                self.set(row.job_id, Some(row.clone()));
                row
            }
        }
    }

    /// Forgets jobs of which nothing was heard for long.
    pub(super) fn forget_old(&mut self) {
        self.jobs.retain(|_, told| told.at.elapsed() < MEMORY);
    }

    fn progress(&self, job: JobId) -> i64 {
        self.jobs.get(&job).and_then(|told| told.update.as_ref()).map_or(0, |update| update.progress)
    }

    fn set(&mut self, job: JobId, update: Option<StatusUpdate>) {
        self.jobs.insert(job, Told { update, at: Instant::now() });
    }
}

#[cfg(test)]
mod tests {
    use erpmax_types::events::StatusFailed;
    use erpmax_types::provisioning::JobType;
    use erpmax_types::{JobId, TenantId};
    use uuid::Uuid;

    use super::*;

    fn update(status: JobStatus, progress: i64) -> StatusUpdate {
        StatusUpdate {
            job_id: JobId::from(Uuid::from_u128(1)),
            tenant_id: TenantId::from(Uuid::from_u128(2)),
            job_type: JobType::CreateSite,
            status,
            progress,
            message: String::new(),
            step: String::new(),
        }
    }

    fn note(latest: &mut Latest, status: JobStatus, progress: i64) -> i64 {
        let mut event = Event::StatusUpdate(update(status, progress));
        latest.note(&mut event);
        let Event::StatusUpdate(update) = event else { panic!("it stays an update") };
        update.progress
    }

    fn fail(latest: &mut Latest) {
        let StatusUpdate { job_id, tenant_id, job_type, .. } = update(JobStatus::Failed, 0);
        latest.note(&mut Event::StatusFailed(StatusFailed { job_id, tenant_id, job_type, error: String::new() }));
    }

    #[test]
    fn progress_that_comes_late_is_no_news() {
        let mut latest = Latest::default();
        assert!(latest.accept(&update(JobStatus::Running, 10)));
        note(&mut latest, JobStatus::Running, 50);
        assert!(!latest.accept(&update(JobStatus::Running, 40)));
        assert!(latest.accept(&update(JobStatus::Running, 50)));
    }

    #[test]
    fn progress_of_an_ended_attempt_is_no_news() {
        let mut latest = Latest::default();
        note(&mut latest, JobStatus::Running, 50);
        fail(&mut latest);
        assert!(!latest.accept(&update(JobStatus::Running, 60)));
    }

    #[test]
    fn an_event_never_takes_back_progress_within_an_attempt() {
        let mut latest = Latest::default();
        assert!(latest.accept(&update(JobStatus::Running, 45)));
        assert_eq!(note(&mut latest, JobStatus::Running, 40), 45);
        assert_eq!(latest.newest(update(JobStatus::Running, 40)).progress, 45);
    }

    #[test]
    fn progress_that_a_newcomer_was_told_from_the_row_is_not_taken_back() {
        let mut latest = Latest::default();
        assert!(latest.accept(&update(JobStatus::Running, 25)));
        assert_eq!(latest.newest(update(JobStatus::Running, 27)).progress, 27);
        assert!(!latest.accept(&update(JobStatus::Running, 26)));
    }

    #[test]
    fn a_new_attempt_begins_anew() {
        let mut latest = Latest::default();
        note(&mut latest, JobStatus::Running, 80);
        fail(&mut latest);
        assert_eq!(note(&mut latest, JobStatus::Pending, 0), 0);
        assert!(latest.accept(&update(JobStatus::Running, 5)));
    }
}
