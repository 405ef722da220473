//! How long everything is given.

use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// How long a customer is given, and when a customer is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Days that a site stays open behind a period that nobody paid for.
    pub grace_days: u32,
    /// Days that a closed site's data is kept.
    pub keep_days: u32,
    /// So many days before an end it is told.
    pub reminder_days: Vec<u32>,
    /// So many days before a deletion it is told.
    pub warning_days: Vec<u32>,
}

impl Default for Policy {
    fn default() -> Self {
        Self { grace_days: 7, keep_days: 60, reminder_days: vec![7, 3, 1], warning_days: vec![14, 7, 1] }
    }
}

impl Policy {
    /// How long a site stays open behind a period that nobody paid for.
    pub fn grace(&self) -> Duration {
        days(self.grace_days)
    }

    /// How long a closed site's data is kept.
    pub fn keep(&self) -> Duration {
        days(self.keep_days)
    }
}

/// So many days.
pub(super) fn days(number: u32) -> Duration {
    DAY * number
}
