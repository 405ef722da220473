//! Properties of the machine, and a year of a tenant's life.

use std::time::Duration;

use erpmax_types::Timestamp;
use erpmax_types::billing::{BillingPeriod, SubscriptionStatus};
use proptest::prelude::*;

use super::machine::{Life, SiteState, Step, is_alive};
use super::policy::{Policy, days};
use super::simulate::{Act, Suppositions, acted, simulate, table};

const START: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);
const HOUR: u64 = 3_600;

fn trial() -> Life {
    Life {
        status: SubscriptionStatus::Trial,
        ends_at: START + days(14),
        ends_by_wish: false,
        deadline: None,
        reminded: None,
        site: SiteState::Open,
    }
}

/// A life in motion, with everything that was told.
struct Living {
    life: Life,
    now: Timestamp,
    policy: Policy,
    told: Vec<(Timestamp, Step)>,
}

impl Living {
    fn new(life: Life) -> Self {
        Self { life, now: START, policy: Policy::default(), told: Vec::new() }
    }

    /// Lets time pass, and takes what is due then, as one look of the scheduler does.
    fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
        while let Some(step) = self.life.due(&self.policy, self.now) {
            self.life = self.life.after(step, &self.policy, self.now);
            self.told.push((self.now, step));
            if self.life.site == SiteState::Leaving {
                self.life.site = SiteState::Missing;
            }
            assert!(self.told.len() < 1_000, "the steps come to an end");
        }
    }

    fn act(&mut self, act: Act) {
        self.life = acted(self.life, act, BillingPeriod::Monthly, self.now);
    }

    fn when(&self, wanted: Step) -> Vec<Timestamp> {
        self.told.iter().filter(|(_, step)| *step == wanted).map(|(at, _)| *at).collect()
    }
}

/// Hours between looks: of a scheduler that runs, and of one that was away for long.
fn hours() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 1..48_u64, 2 => 1..400_u64, 1 => 1_000..5_000_u64]
}

#[derive(Clone, Copy, Debug)]
enum Move {
    Pass(u64),
    Act(Act),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        8 => hours().prop_map(Move::Pass),
        1 => Just(Move::Act(Act::Pay)),
        1 => Just(Move::Act(Act::Cancel)),
    ];
    prop::collection::vec(one, 1..60)
}

fn lived(moves: &[Move]) -> Living {
    let mut living = Living::new(trial());
    for one in moves {
        match one {
            Move::Pass(hours) => living.pass(Duration::from_secs(hours * HOUR)),
            Move::Act(act) => living.act(*act),
        }
    }
    living
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn time_steps_of_any_size_lead_to_the_same_end(looks in prop::collection::vec(hours(), 1..200)) {
        let mut living = Living::new(trial());
        for hours in looks {
            living.pass(Duration::from_secs(hours * HOUR));
        }
        // Whatever was late is caught up with.
        for _ in 0..200 {
            living.pass(Duration::from_secs(24 * HOUR));
        }
        let end = living.life;
        prop_assert_eq!((end.status, end.site), (SubscriptionStatus::Expired, SiteState::Missing));
        prop_assert_eq!(end.next(&living.policy, living.now), None);
        for step in [Step::EndPeriod, Step::Close, Step::Suspend, Step::Warn { days: 1 }, Step::Delete] {
            prop_assert_eq!(living.when(step).len(), 1, "{:?}", step);
        }
    }

    #[test]
    fn a_payment_at_any_instant_leads_back_to_an_open_site(moves in moves()) {
        let mut living = lived(&moves);
        let had_site = living.life.site != SiteState::Missing;
        living.act(Act::Pay);
        living.pass(Duration::ZERO);
        let life = living.life;
        prop_assert_eq!(life.status, SubscriptionStatus::Active);
        prop_assert!(life.ends_at > living.now);
        prop_assert_eq!(life.site, if had_site { SiteState::Open } else { SiteState::Missing });
        let before = living.told.len();
        living.pass(Duration::from_secs(24 * HOUR));
        prop_assert_eq!(living.told.len(), before, "and nothing happens on the next day");
    }

    #[test]
    fn nothing_is_told_twice_and_a_second_look_finds_nothing(moves in moves()) {
        let mut living = lived(&moves);
        let before = living.told.len();
        living.pass(Duration::ZERO);
        let rest = living.told.len();
        living.pass(Duration::ZERO);
        prop_assert_eq!(living.told.len(), rest);
        prop_assert!(rest >= before);
        let mut last: Option<(Timestamp, Step)> = None;
        for (at, step) in &living.told {
            let is_repeated = last.is_some_and(|(then, told)| then == *at && told == *step);
            prop_assert!(!is_repeated, "{:?} twice at once", step);
            last = Some((*at, *step));
        }
    }

    #[test]
    fn one_look_tells_at_most_one_reminder(moves in moves()) {
        let living = lived(&moves);
        let is_notice = |step: &Step| matches!(step, Step::Remind { .. } | Step::Warn { .. });
        let mut notices: Vec<Timestamp> =
            living.told.iter().filter(|(_, step)| is_notice(step)).map(|(at, _)| *at).collect();
        let all = notices.len();
        notices.dedup();
        prop_assert_eq!(notices.len(), all);
    }

    #[test]
    fn nobody_loses_data_without_the_last_warning_a_day_before(moves in moves()) {
        let living = lived(&moves);
        for deleted in living.when(Step::Delete) {
            let warned = living.when(Step::Warn { days: 1 });
            let newest = warned.iter().copied().rfind(|at| *at < deleted).expect("there was a warning");
            // An hour late is still in time.
            prop_assert!(deleted.since(newest) + Duration::from_secs(HOUR) >= days(1));
            let closed = living.when(Step::Close);
            let newest = closed.iter().copied().rfind(|at| *at < deleted).expect("it was closed before");
            prop_assert!(deleted.since(newest) >= living.policy.keep());
        }
    }

    #[test]
    fn nobody_is_shut_out_before_the_grace_that_was_told(moves in moves()) {
        let living = lived(&moves);
        let by_wish = moves.iter().any(|one| matches!(one, Move::Act(Act::Cancel)));
        for ended in living.when(Step::EndGrace) {
            let began = living.when(Step::BeginGrace);
            let newest = began.iter().copied().rfind(|at| *at <= ended).expect("the grace began");
            let given = ended.since(newest) + Duration::from_secs(HOUR);
            prop_assert!(by_wish || given >= living.policy.grace());
        }
    }
}

#[test]
fn without_a_site_nothing_is_suspended_or_deleted() {
    let mut living = Living::new(Life { site: SiteState::Missing, ..trial() });
    for _ in 0..200 {
        living.pass(Duration::from_secs(24 * HOUR));
    }
    let steps: Vec<&str> = living.told.iter().map(|(_, step)| step.name()).collect();
    assert_eq!(steps, ["remind", "remind", "remind", "end_period", "close"]);
    assert!(!is_alive(living.life.status));
}

#[test]
fn a_site_that_was_ready_too_late_is_suspended_and_deleted_with_every_warning_still_due() {
    let mut living = Living::new(Life { site: SiteState::Missing, ..trial() });
    living.pass(days(14));
    living.life.site = SiteState::Open;
    living.pass(days(200));
    assert_eq!(living.life.site, SiteState::Suspended, "a warning comes before the deletion, however late it is");
    living.pass(days(1));
    assert_eq!(living.told.last().map(|(_, step)| *step), Some(Step::Delete));
}

#[test]
fn another_end_is_told_of_anew() {
    let mut living = Living::new(trial());
    living.pass(days(13));
    living.act(Act::Pay);
    living.pass(days(30));
    let reminders = living.told.iter().filter(|(_, step)| matches!(step, Step::Remind { .. })).count();
    assert_eq!(reminders, 2, "{:?}", living.told);
}

/// A company tries, pays late, forgets, comes back at the last moment, cancels and is gone.
#[test]
fn a_year_of_a_tenants_life_reads_like_this() {
    let acts = [(12, Act::Pay), (40, Act::Pay), (80, Act::Pay), (170, Act::Pay), (172, Act::Cancel)];
    let supposed = Suppositions { now: START, days: 365, acts: acts.to_vec(), period: BillingPeriod::Monthly };
    let year = table(&simulate(trial(), &Policy::default(), &supposed), START);
    assert_eq!(year, include_str!("year.txt"), "it is now:\n{year}");
}
