//! How the requests of the load were answered.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::checks::Check;

/// Counts answers by status; shared by all workers.
#[derive(Clone, Default)]
pub(super) struct Tally(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    statuses: BTreeMap<u16, usize>,
    jobs: BTreeMap<String, usize>,
    failures: Vec<String>,
}

impl Tally {
    fn with<T>(&self, change: impl FnOnce(&mut Counts) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn answer(&self, status: u16) {
        self.with(|counts| *counts.statuses.entry(status).or_default() += 1);
    }

    /// A job came to its end.
    pub(super) fn job(&self, job_type: &str, status: &str) {
        self.with(|counts| *counts.jobs.entry(format!("{job_type} {status}")).or_default() += 1);
    }

    /// A worker could not go on.
    pub(super) fn failure(&self, failure: &anyhow::Error) {
        self.with(|counts| counts.failures.push(format!("{failure:#}")));
    }

    /// No answer was a failure of ours, and every request was answered.
    pub(super) fn check(&self) -> Check {
        self.with(|counts| {
            let bad: usize = counts.statuses.range(500..).map(|(_, count)| count).sum();
            let all: usize = counts.statuses.values().sum();
            let detail = format!("{bad} of {all} answers; {:?}", counts.failures);
            Check::of(
                "no answer is a 5xx and no worker failed",
                bad == 0 && counts.failures.is_empty() && all > 0,
                detail,
            )
        })
    }

    pub(super) fn describe(&self) -> String {
        self.with(|counts| format!("answers by status: {:?}; jobs: {:?}", counts.statuses, counts.jobs))
    }
}
