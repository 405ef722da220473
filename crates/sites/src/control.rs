//! The control plane as a runner sees it.

use std::time::Duration;

use erpmax_types::runner::{Checkpoint, Hold, Lease, Outcome, RunnerIdentity, StepProgress, Wish};

/// Why a call to the control plane brought no answer to act on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// Nobody knows whether the call was carried out. It is repeated with the same sequence until the lease runs out.
    #[error("the control plane cannot be reached: {0}")]
    Unreachable(String),
    /// The call was understood and refused; a repetition would be refused as well. The runner lets go of the job.
    #[error("the control plane refused the call")]
    Refused,
}

/// What a runner asks of the control plane. `serve` answers it from its own core, a remote runner over HTTPS.
///
/// Calls under one lease come one at a time. [`Lease::hold`] has the sequence 0, that of the lease itself; each call carries one that
/// is one higher than the last, from 1 on. A repeated call has the sequence of the call that it repeats and must change nothing a
/// second time.
pub trait Control: Send + Sync + 'static {
    /// Waits up to `wait` for a job.
    fn lease(
        &self,
        runner: &RunnerIdentity,
        wait: Duration,
    ) -> impl Future<Output = Result<Option<Lease>, ControlError>> + Send;

    /// Keeps the lease alive.
    fn heartbeat(&self, hold: Hold) -> impl Future<Output = Result<Wish, ControlError>> + Send;

    /// Tells how far the present step is, and keeps the lease alive.
    fn progress(&self, hold: Hold, progress: StepProgress) -> impl Future<Output = Result<Wish, ControlError>> + Send;

    /// Records what is true from now on, and keeps the lease alive.
    ///
    /// [`Wish::Cancel`] in answer to an irrevocable [`Checkpoint::Begun`] means that it was not recorded: the step will not run.
    fn checkpoint(&self, hold: Hold, checkpoint: Checkpoint)
    -> impl Future<Output = Result<Wish, ControlError>> + Send;

    /// Ends the job and the lease.
    ///
    /// [`Wish::Cancel`] in answer to [`Outcome::Completed`] means that the job did not end: it was cancelled before and will be undone.
    fn finish(&self, hold: Hold, outcome: Outcome) -> impl Future<Output = Result<Wish, ControlError>> + Send;

    /// Gives the lease back unfinished, so that another runner goes on at once.
    fn release(&self, hold: Hold) -> impl Future<Output = Result<(), ControlError>> + Send;
}
