//! What comes next in the life of a subscription, and what that changes. Nothing in here looks at a clock or a database.
//!
//! A deadline counts from the moment at which it was told: nobody loses access or data without the time that was promised, however
//! long the server was away.

use std::time::Duration;

use erpmax_types::Timestamp;
use erpmax_types::billing::SubscriptionStatus;

use super::policy::{Policy, days};

/// What is told so little after its time counts as told in time.
const PUNCTUAL: Duration = Duration::from_secs(3_600);

/// Where a subscription is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// The subscription's status.
    pub status: SubscriptionStatus,
    /// When the trial or the paid period ends, or ended.
    pub ends_at: Timestamp,
    /// Whether the owner wants it to end then.
    pub ends_by_wish: bool,
    /// Past due: when the grace ends. Over: when the site is deleted. None as long as the customer was told of neither.
    pub deadline: Option<Timestamp>,
    /// The last reminder that was told.
    pub reminded: Option<Reminded>,
    /// How the tenant's site is.
    pub site: SiteState,
}

/// A reminder that was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reminded {
    /// Of which end.
    pub of: Timestamp,
    /// How many days before it.
    pub days: u32,
}

/// How a tenant's site is, as far as it concerns the subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteState {
    /// There is none, or none yet: nothing can be suspended or deleted.
    Missing,
    /// Open to its users.
    Open,
    /// Closed until a payment, or being closed.
    Suspended,
    /// Being deleted.
    Leaving,
}

impl SiteState {
    /// Its name in simulations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "none",
            Self::Open => "open",
            Self::Suspended => "suspended",
            Self::Leaving => "leaving",
        }
    }
}

/// A step in the life of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Tell that trial, period or grace end in so many days.
    Remind {
        /// Days before the end.
        days: u32,
    },
    /// The trial or the paid period is over.
    EndPeriod,
    /// Tell that a payment is missing, and until when everything stays open.
    BeginGrace,
    /// The grace is over.
    EndGrace,
    /// Tell that the subscription is over, and until when data is kept.
    Close,
    /// Close the site.
    Suspend,
    /// Tell that the site is deleted in so many days.
    Warn {
        /// Days before the deletion.
        days: u32,
    },
    /// Delete the site, with a last backup.
    Delete,
    /// Open the site again.
    Resume,
}

impl Step {
    /// How many days before an end it tells of that.
    pub const fn days(self) -> Option<u32> {
        match self {
            Self::Remind { days } | Self::Warn { days } => Some(days),
            _ => None,
        }
    }

    /// The step's name, in the audit trail and in simulations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Remind { .. } => "remind",
            Self::EndPeriod => "end_period",
            Self::BeginGrace => "begin_grace",
            Self::EndGrace => "end_grace",
            Self::Close => "close",
            Self::Suspend => "suspend_site",
            Self::Warn { .. } => "warn",
            Self::Delete => "delete_site",
            Self::Resume => "resume_site",
        }
    }
}

/// A step and its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// What is to be done.
    pub step: Step,
    /// When; not after the present moment for a step that is due.
    pub at: Timestamp,
}

/// Whether a subscription of this status keeps the site open.
pub const fn is_alive(status: SubscriptionStatus) -> bool {
    !matches!(status, SubscriptionStatus::Cancelled | SubscriptionStatus::Expired)
}

impl Life {
    /// The next step; none if nothing comes by itself any more. Of several reminders whose time has come it is the newest.
    pub fn next(&self, policy: &Policy, now: Timestamp) -> Option<Due> {
        if is_alive(self.status) && self.site == SiteState::Suspended {
            return Some(Due { step: Step::Resume, at: now });
        }
        match self.status {
            SubscriptionStatus::Trial | SubscriptionStatus::Active => Some(self.next_before_end(policy, now)),
            SubscriptionStatus::PastDue => Some(self.next_in_grace(policy, now)),
            SubscriptionStatus::Cancelled | SubscriptionStatus::Expired => self.next_behind_end(policy, now),
        }
    }

    /// The step if its time has come.
    pub fn due(&self, policy: &Policy, now: Timestamp) -> Option<Step> {
        self.next(policy, now).filter(|due| due.at <= now).map(|due| due.step)
    }

    fn next_before_end(&self, policy: &Policy, now: Timestamp) -> Due {
        let end = Due { step: Step::EndPeriod, at: self.ends_at };
        if self.ends_at <= now {
            return end;
        }
        self.next_notice(self.ends_at, &policy.reminder_days, now)
            .map_or(end, |(days, at)| Due { step: Step::Remind { days }, at })
    }

    fn next_in_grace(&self, policy: &Policy, now: Timestamp) -> Due {
        let Some(deadline) = self.deadline else { return Due { step: Step::BeginGrace, at: now } };
        if self.ends_by_wish || deadline <= now {
            return Due { step: Step::EndGrace, at: deadline.min(now) };
        }
        let within: Vec<u32> = policy.reminder_days.iter().copied().filter(|days| *days < policy.grace_days).collect();
        self.next_notice(deadline, &within, now)
            .map_or(Due { step: Step::EndGrace, at: deadline }, |(days, at)| Due { step: Step::Remind { days }, at })
    }

    fn next_behind_end(&self, policy: &Policy, now: Timestamp) -> Option<Due> {
        let Some(deadline) = self.deadline else { return Some(Due { step: Step::Close, at: now }) };
        match self.site {
            SiteState::Missing | SiteState::Leaving => None,
            SiteState::Open => Some(Due { step: Step::Suspend, at: now }),
            SiteState::Suspended => {
                let warning = self.next_notice(deadline, &policy.warning_days, now);
                let delete = Due { step: Step::Delete, at: deadline };
                Some(warning.map_or(delete, |(days, at)| Due { step: Step::Warn { days }, at }))
            }
        }
    }

    /// The notice before `end` that comes next, with its time: the newest whose time has come, else the first that is to come.
    fn next_notice(&self, end: Timestamp, all: &[u32], now: Timestamp) -> Option<(u32, Timestamp)> {
        let told = self.reminded.filter(|told| told.of == end).map_or(u32::MAX, |told| told.days);
        let time_of = |number: u32| end - days(number);
        let untold = || all.iter().copied().filter(|number| *number < told);
        let newest_due = untold().filter(|number| time_of(*number) <= now).min();
        newest_due.or_else(|| untold().max()).map(|number| (number, time_of(number)))
    }

    /// The life behind a step taken at `now`.
    #[must_use]
    pub fn after(self, step: Step, policy: &Policy, now: Timestamp) -> Self {
        match step {
            Step::Remind { days } => {
                let of = self.deadline.filter(|_| self.status == SubscriptionStatus::PastDue).unwrap_or(self.ends_at);
                Self { reminded: Some(Reminded { of, days }), ..self }
            }
            Step::EndPeriod => self.turned(match self.status {
                _ if self.ends_by_wish => SubscriptionStatus::Cancelled,
                SubscriptionStatus::Trial => SubscriptionStatus::Expired,
                _ => SubscriptionStatus::PastDue,
            }),
            Step::BeginGrace => Self { deadline: Some(told_at(self.ends_at, now) + policy.grace()), ..self },
            Step::EndGrace if self.ends_by_wish => self.turned(SubscriptionStatus::Cancelled),
            Step::EndGrace => self.turned(SubscriptionStatus::Expired),
            Step::Close => Self { deadline: Some(now + policy.keep()), ..self },
            Step::Suspend => Self { site: SiteState::Suspended, ..self },
            Step::Resume => Self { site: SiteState::Open, ..self },
            Step::Delete => Self { site: SiteState::Leaving, ..self },
            Step::Warn { days } => self.warned(days, now),
        }
    }

    const fn turned(self, status: SubscriptionStatus) -> Self {
        Self { status, deadline: None, ..self }
    }

    /// A warning that comes late puts the deletion off.
    fn warned(self, number: u32, now: Timestamp) -> Self {
        let deadline = self.deadline.unwrap_or(now);
        let of = told_at(deadline - days(number), now) + days(number);
        Self { deadline: Some(of), reminded: Some(Reminded { of, days: number }), ..self }
    }
}

/// When something counts as told whose time was `time`.
fn told_at(time: Timestamp, now: Timestamp) -> Timestamp {
    if now.since(time) <= PUNCTUAL { time } else { now }
}

/// How many days there are until `end`, a begun one in full.
pub(super) fn days_left(end: Timestamp, now: Timestamp) -> u32 {
    let seconds = end.since(now).as_millis().div_ceil(1_000);
    u32::try_from(seconds.div_ceil(86_400)).unwrap_or(u32::MAX)
}
