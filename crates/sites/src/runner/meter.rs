//! How far a job is: steps by their weights, never backwards.

use std::sync::{Mutex, MutexGuard, PoisonError};

use erpmax_types::runner::StepProgress;

use crate::driver::StepInfo;

/// Collects what steps report until the next call to the control plane takes it along.
#[derive(Debug)]
pub(crate) struct Meter {
    total: u32,
    reading: Mutex<Reading>,
}

#[derive(Debug, Default)]
struct Reading {
    step: &'static str,
    message: &'static str,
    /// Weight of the steps that stand.
    before: u32,
    /// Weight of the present step.
    weight: u32,
    percent: u8,
    fresh: bool,
}

impl Meter {
    /// A meter at zero.
    pub(crate) fn new(steps: &[StepInfo]) -> Self {
        let total = steps.iter().map(|step| step.weight).sum();
        Self { total, reading: Mutex::new(Reading::default()) }
    }

    /// Turns to a step; the percentage of the whole job that its beginning means.
    pub(crate) fn begin(&self, step: &StepInfo) -> u8 {
        let mut reading = self.lock();
        reading.step = step.name;
        reading.message = step.message;
        reading.weight = step.weight;
        reading.fresh = false;
        self.advance(&mut reading, 0.0)
    }

    /// Counts a step as standing.
    pub(crate) fn done(&self, step: &StepInfo) -> u8 {
        let mut reading = self.lock();
        reading.before += step.weight;
        reading.weight = 0;
        reading.fresh = false;
        self.advance(&mut reading, 0.0)
    }

    /// Notes how far the present step is.
    pub(crate) fn report(&self, fraction: f64) {
        let mut reading = self.lock();
        let before = reading.percent;
        let percent = self.advance(&mut reading, fraction);
        reading.fresh |= percent != before;
    }

    /// What was reported since the last time, if anything.
    pub(crate) fn take(&self) -> Option<StepProgress> {
        let mut reading = self.lock();
        std::mem::take(&mut reading.fresh).then(|| StepProgress {
            step: reading.step.to_owned(),
            message: reading.message.to_owned(),
            progress: reading.percent,
        })
    }

    fn advance(&self, reading: &mut Reading, fraction: f64) -> u8 {
        let weight = f64::from(reading.before) + f64::from(reading.weight) * fraction.clamp(0.0, 1.0);
        reading.percent = reading.percent.max(percent(weight, f64::from(self.total.max(1))));
        reading.percent
    }

    fn lock(&self) -> MutexGuard<'_, Reading> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0–100 before")]
fn percent(weight: f64, total: f64) -> u8 {
    (weight * 100.0 / total).clamp(0.0, 100.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: &[StepInfo] = &[StepInfo::new("one", "One", 1), StepInfo::new("three", "Three", 3)];

    #[test]
    fn steps_count_by_their_weights() {
        let meter = Meter::new(STEPS);
        assert_eq!(meter.begin(&STEPS[0]), 0);
        meter.report(0.5);
        assert_eq!(meter.take().map(|progress| progress.progress), Some(12));
        assert_eq!(meter.done(&STEPS[0]), 25);
        assert_eq!(meter.begin(&STEPS[1]), 25);
        assert_eq!(meter.done(&STEPS[1]), 100);
    }

    #[test]
    fn progress_never_goes_backwards_and_is_told_once() {
        let meter = Meter::new(STEPS);
        meter.begin(&STEPS[1]);
        meter.report(0.9);
        meter.report(0.1);
        let told = meter.take();
        assert_eq!(
            told.map(|told| (told.step, told.message, told.progress)),
            Some(("three".into(), "Three".into(), 67))
        );
        assert_eq!(meter.take(), None);
    }

    #[test]
    fn a_number_that_is_none_counts_as_nothing() {
        let meter = Meter::new(STEPS);
        meter.begin(&STEPS[0]);
        meter.report(f64::NAN);
        assert_eq!(meter.take(), None);
    }
}
