//! How long and how often a request is repeated that may be repeated.

use std::time::Duration;

use tokio::time::Instant;

use crate::Error;

/// How a request is repeated after connection errors, 502, 503, 504 and 429.
///
/// Only what changes nothing is repeated, and what bears an idempotency key that the server honours.
///
/// ```
/// use erpmax_client::{ApiClient, Patience};
///
/// let client = ApiClient::builder("http://localhost:8000").patience(Patience::NONE).build()?;
/// # Ok::<(), erpmax_client::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Repetitions after the first attempt.
    pub repetitions: u32,
    /// The pause before the first repetition; each one after it is twice as long.
    pub first_pause: Duration,
    /// No pause is longer, unless `Retry-After` says so.
    pub longest_pause: Duration,
    /// No repetition begins later than this after the first attempt.
    pub total: Duration,
}

impl Patience {
    /// Nothing is repeated.
    pub const NONE: Self =
        Self { repetitions: 0, first_pause: Duration::ZERO, longest_pause: Duration::ZERO, total: Duration::ZERO };

    pub(crate) fn begin(self) -> Waiting {
        Waiting { patience: self, since: Instant::now(), repetitions: 0 }
    }

    /// The pause before repetition `number` (from 0), without jitter.
    pub(crate) fn pause(self, number: u32) -> Duration {
        self.first_pause.saturating_mul(1 << number.min(16)).min(self.longest_pause)
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            repetitions: 4,
            first_pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(5),
            total: Duration::from_secs(60),
        }
    }
}

/// The repetitions of one request.
pub(crate) struct Waiting {
    patience: Patience,
    since: Instant,
    repetitions: u32,
}

impl Waiting {
    /// How long to wait before the request is repeated; none if it is not.
    pub(crate) fn pause_after(&mut self, error: &Error) -> Option<Duration> {
        if !error.is_passing() || self.repetitions >= self.patience.repetitions {
            return None;
        }
        let pause = match error {
            Error::RateLimited { retry_after: Some(time), .. } => *time + spread(self.patience.first_pause),
            _ => spread(self.patience.pause(self.repetitions)),
        };
        self.repetitions += 1;
        (self.since.elapsed() + pause <= self.patience.total).then_some(pause)
    }
}

/// Between half of a pause and all of it, so that many clients do not come back at once.
pub(crate) fn spread(pause: Duration) -> Duration {
    pause.mul_f64(rand::random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::error::Refusal;

    fn refused(status: u16, retry_after: Option<u64>) -> Error {
        let status = StatusCode::from_u16(status).expect("a status");
        Error::refused(Refusal::bare(status), retry_after.map(Duration::from_secs))
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_and_end() {
        let mut waiting = Patience::default().begin();
        let pauses: Vec<_> = (0..5).map(|_| waiting.pause_after(&refused(503, None))).collect();
        for (pause, most) in pauses.iter().zip([250, 500, 1000, 2000]) {
            let pause = pause.expect("it is repeated").as_millis();
            assert!((most / 2..=most).contains(&pause), "{pause} of {most}");
        }
        assert_eq!(pauses[4], None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_server_asks_for_is_waited_for_unless_it_is_too_long() {
        let pause = Patience::default().begin().pause_after(&refused(429, Some(7))).expect("it is repeated");
        assert!(pause >= Duration::from_secs(7), "{pause:?}");
        assert_eq!(Patience::default().begin().pause_after(&refused(429, Some(61))), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_will_not_pass_is_not_repeated() {
        for status in [400, 401, 403, 404, 409, 422, 500] {
            assert_eq!(Patience::default().begin().pause_after(&refused(status, None)), None, "{status}");
        }
        assert_eq!(Patience::default().begin().pause_after(&Error::Timeout), None);
    }
}
