//! How often and how long a runner tries again.

use std::time::Duration;

use rand::RngExt as _;
use tokio::time::sleep;

use crate::driver::StepError;

/// Growing pauses between tries, each a random length between half and all of its bound, so that many runners do not march in step.
pub(crate) struct Backoff {
    next: Duration,
    longest: Duration,
}

impl Backoff {
    /// Between questions for work that found the control plane away.
    pub(crate) const fn asking_for_work() -> Self {
        Self { next: Duration::from_millis(250), longest: Duration::from_secs(15) }
    }

    /// Between repetitions of a call under a lease.
    pub(crate) const fn repeating_a_call() -> Self {
        Self { next: Duration::from_millis(100), longest: Duration::from_secs(2) }
    }

    /// Between tries of a step.
    pub(crate) const fn trying_a_step() -> Self {
        Self { next: Duration::from_millis(200), longest: Duration::from_secs(10) }
    }

    /// Waits out the next pause.
    pub(crate) async fn wait(&mut self) {
        let pause = self.next.mul_f64(rand::rng().random_range(0.5..=1.0));
        self.next = self.longest.min(self.next * 2);
        sleep(pause).await;
    }
}

/// How many tries an action gets.
#[derive(Clone, Copy)]
pub(crate) struct Patience {
    fatal: u32,
}

/// Tries against faults that may pass: about 40 seconds.
const TRANSIENT_TRIES: u32 = 10;

impl Patience {
    /// For a step that can be undone: a fatal error is believed at once.
    pub(crate) const REVOCABLE: Self = Self { fatal: 1 };
    /// For an undo and for a step that cannot be undone: what they leave half-done nobody cleans up, so even a fatal error is doubted.
    pub(crate) const LAST_RESORT: Self = Self { fatal: 4 };

    /// Whether `tries` failed tries, the last with `error`, are enough.
    pub(crate) const fn is_over(self, error: &StepError, tries: u32) -> bool {
        match error {
            StepError::Transient(_) => tries >= TRANSIENT_TRIES,
            StepError::Fatal(_) => tries >= self.fatal,
            StepError::Stopped => true,
        }
    }
}
