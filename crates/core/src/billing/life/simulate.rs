//! What would happen when, without anything happening.

use std::fmt::Write as _;

use erpmax_types::Timestamp;
use erpmax_types::billing::{BillingPeriod, SubscriptionStatus};

use super::machine::{Life, SiteState, Step, is_alive};
use super::policy::{Policy, days};
use crate::billing::period::{day_of, end_of};

/// What is supposed.
#[derive(Clone, Debug)]
pub struct Suppositions {
    /// The present moment.
    pub now: Timestamp,
    /// How many days are looked at.
    pub days: u32,
    /// On which days from `now` people do what.
    pub acts: Vec<(u32, Act)>,
    /// How long a payment lasts.
    pub period: BillingPeriod,
}

/// What people do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The customer pays for one more period.
    Pay,
    /// The owner cancels with the period's end.
    Cancel,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// The subscription goes a step by itself.
    Step(Step),
    /// Somebody does something.
    Act(Act),
}

impl Happening {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Step(step) => step.name(),
            Self::Act(Act::Pay) => "payment",
            Self::Act(Act::Cancel) => "cancellation",
        }
    }

    /// How many days before an end it tells of that.
    pub const fn days(self) -> Option<u32> {
        match self {
            Self::Step(step) => step.days(),
            Self::Act(_) => None,
        }
    }

    /// A few words for a person.
    fn words(self) -> String {
        self.days().map_or_else(|| self.name().to_owned(), |days| format!("{} {days}", self.name()))
    }
}

/// One line of a simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// When it happens.
    pub at: Timestamp,
    /// What happens.
    pub happening: Happening,
    /// How everything is then.
    pub life: Life,
}

/// What happens to `life`. Jobs take no time here.
pub fn simulate(mut life: Life, policy: &Policy, supposed: &Suppositions) -> Vec<Line> {
    let (mut now, until) = (supposed.now, supposed.now + days(supposed.days));
    let mut acts: Vec<_> = supposed.acts.iter().map(|(day, act)| (supposed.now + days(*day), *act)).collect();
    acts.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let mut lines = Vec::new();
    loop {
        let step = life.next(policy, now).map(|due| (due.at.max(now), Happening::Step(due.step)));
        let act = acts.last().map(|(at, act)| (*at, Happening::Act(*act)));
        let comes_first = act.filter(|act| step.is_none_or(|step| act.0 <= step.0));
        let Some((at, happening)) = comes_first.or(step).filter(|(at, _)| *at <= until) else { return lines };
        if comes_first.is_some() {
            acts.pop();
        }
        now = at;
        life = match happening {
            Happening::Step(step) => taken(life, step, policy, now),
            Happening::Act(act) => acted(life, act, supposed.period, now),
        };
        lines.push(Line { at, happening, life });
    }
}

fn taken(life: Life, step: Step, policy: &Policy, now: Timestamp) -> Life {
    let life = life.after(step, policy, now);
    let is_gone = life.site == SiteState::Leaving;
    Life { site: if is_gone { SiteState::Missing } else { life.site }, ..life }
}

/// The life behind what somebody did.
pub(super) fn acted(life: Life, act: Act, period: BillingPeriod, now: Timestamp) -> Life {
    let renews = life.status == SubscriptionStatus::Active && life.ends_at > now;
    match act {
        Act::Pay => Life {
            status: SubscriptionStatus::Active,
            ends_at: end_of(if renews { life.ends_at } else { now }, period),
            ends_by_wish: false,
            deadline: None,
            ..life
        },
        Act::Cancel => Life { ends_by_wish: life.ends_by_wish || is_alive(life.status), ..life },
    }
}

/// The lines as a table for a person, one beginning with the day from `start`.
pub fn table(lines: &[Line], start: Timestamp) -> String {
    let mut text = String::from("day  date        what happens   subscription  site       until\n");
    for Line { at, happening, life } in lines {
        let (day, date, words, status) =
            (at.since(start).as_secs() / 86_400, day_of(*at), happening.words(), life.status);
        let end = Some(life.deadline.unwrap_or(life.ends_at)).filter(|end| end > at);
        let (site, until) = (life.site.name(), end.map_or_else(|| "-".to_owned(), day_of));
        let _ = writeln!(text, "{day:3}  {date}  {words:13}  {status:12}  {site:9}  {until}");
    }
    text
}
