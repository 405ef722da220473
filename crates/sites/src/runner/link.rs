//! The line to the control plane under one lease: calls one at a time, each repeated until it is answered or the lease ran out.

use std::sync::Arc;
use std::time::Duration;

use erpmax_types::runner::{Checkpoint, Hold, Lease, Outcome, StepProgress, Wish};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::meter::Meter;
use super::patience::Backoff;
use crate::control::{Control, ControlError};

/// At most four reports of progress a second.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);
/// The longest time between two heartbeats, so that a cancel is heard soon.
const LONGEST_HEARTBEAT: Duration = Duration::from_secs(1);

/// A call under a lease.
pub(crate) enum Call {
    Heartbeat,
    Progress(StepProgress),
    Checkpoint(Checkpoint),
    Finish(Outcome),
    Release,
}

/// The lease is not ours any more: no further side effect, no further call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lost;

pub(crate) struct Link<C> {
    control: Arc<C>,
    lasts: Duration,
    line: Mutex<Line>,
    cancelled: CancellationToken,
    lost: CancellationToken,
    shutdown: CancellationToken,
}

/// The last answered call's hold, and when the lease runs out if no further call is answered.
struct Line {
    hold: Hold,
    expires: Instant,
}

impl<C: Control> Link<C> {
    pub(crate) fn new(control: Arc<C>, lease: &Lease, shutdown: CancellationToken) -> Self {
        let lasts = Duration::from_millis(lease.lasts_milliseconds);
        let line = Mutex::new(Line { hold: lease.hold, expires: Instant::now() + lasts });
        Self { control, lasts, line, cancelled: CancellationToken::new(), lost: CancellationToken::new(), shutdown }
    }

    /// Fires when the control plane wishes the job cancelled.
    pub(crate) fn cancelled(&self) -> &CancellationToken {
        &self.cancelled
    }

    /// Fires when the lease is lost, also when it ran out because nobody answered.
    pub(crate) fn lost(&self) -> &CancellationToken {
        &self.lost
    }

    /// Keeps the lease alive and tells what the meter has to tell, until `stop` fires or the lease is lost.
    ///
    /// It is never left in the middle of a call: the next one would carry a sequence that was used already.
    pub(crate) async fn pulse(&self, meter: &Meter, stop: &CancellationToken) {
        let heartbeat = LONGEST_HEARTBEAT.min(self.lasts / 3);
        let mut last = Instant::now();
        while stop.run_until_cancelled(sleep(PROGRESS_INTERVAL.min(heartbeat))).await.is_some() {
            let answer = match meter.take() {
                Some(progress) => self.call(Call::Progress(progress)).await,
                None if last.elapsed() >= heartbeat => self.call(Call::Heartbeat).await,
                None => continue,
            };
            last = Instant::now();
            if answer.is_err() {
                return;
            }
        }
    }

    /// Makes a call under the lease; its answer's wish is heard through the tokens.
    pub(crate) async fn call(&self, call: Call) -> Result<(), Lost> {
        let mut line = self.line.lock().await;
        if self.lost.is_cancelled() {
            return Err(Lost);
        }
        let hold = Hold { sequence: line.hold.sequence + 1, ..line.hold };
        match timeout_at(line.expires, self.repeat(hold, &call)).await {
            Ok(Ok((Wish::Continue, sent))) => *line = self.renewed(hold, sent),
            Ok(Ok((Wish::Cancel, sent))) => {
                self.cancelled.cancel();
                *line = self.renewed(hold, sent);
            }
            Ok(Ok((Wish::LeaseLost, _)) | Err(Lost)) | Err(_) => {
                self.lost.cancel();
                return Err(Lost);
            }
        }
        Ok(())
    }

    fn renewed(&self, hold: Hold, sent: Instant) -> Line {
        Line { hold, expires: sent + self.lasts }
    }

    /// Sends one call until it is answered; the wish, and when the answered try was sent.
    async fn repeat(&self, hold: Hold, call: &Call) -> Result<(Wish, Instant), Lost> {
        let mut backoff = Backoff::repeating_a_call();
        loop {
            let sent = Instant::now();
            match timeout(self.lasts / 3, self.send(hold, call)).await {
                Ok(Ok(wish)) => return Ok((wish, sent)),
                Ok(Err(ControlError::Refused)) => return Err(Lost),
                Ok(Err(ControlError::Unreachable(_))) | Err(_) if self.shutdown.is_cancelled() => return Err(Lost),
                Ok(Err(ControlError::Unreachable(_))) | Err(_) => backoff.wait().await,
            }
        }
    }

    async fn send(&self, hold: Hold, call: &Call) -> Result<Wish, ControlError> {
        match call {
            Call::Heartbeat => self.control.heartbeat(hold).await,
            Call::Progress(progress) => self.control.progress(hold, progress.clone()).await,
            Call::Checkpoint(checkpoint) => self.control.checkpoint(hold, checkpoint.clone()).await,
            Call::Finish(outcome) => self.control.finish(hold, outcome.clone()).await,
            Call::Release => self.control.release(hold).await.map(|()| Wish::Continue),
        }
    }
}
