//! The runner inside `serve` talks to core directly.

use std::time::Duration;

use erpmax_core::Error;
use erpmax_core::provisioning::control::LocalControl;
use erpmax_sites::{Control, ControlError};
use erpmax_types::runner::{Checkpoint, Hold, Lease, Outcome, RunnerIdentity, StepProgress, Wish};
use tracing::warn;

/// [`LocalControl`] as the runner loop wants it.
pub(crate) struct Bridge(pub(crate) LocalControl);

impl Control for Bridge {
    async fn lease(&self, runner: &RunnerIdentity, wait: Duration) -> Result<Option<Lease>, ControlError> {
        self.0.lease(runner, wait).await.map_err(explain)
    }

    async fn heartbeat(&self, hold: Hold) -> Result<Wish, ControlError> {
        self.0.heartbeat(hold).await.map_err(explain)
    }

    async fn progress(&self, hold: Hold, progress: StepProgress) -> Result<Wish, ControlError> {
        self.0.progress(hold, progress).await.map_err(explain)
    }

    async fn checkpoint(&self, hold: Hold, checkpoint: Checkpoint) -> Result<Wish, ControlError> {
        self.0.checkpoint(hold, checkpoint).await.map_err(explain)
    }

    async fn finish(&self, hold: Hold, outcome: Outcome) -> Result<Wish, ControlError> {
        self.0.finish(hold, outcome).await.map_err(explain)
    }

    async fn release(&self, hold: Hold) -> Result<(), ControlError> {
        self.0.release(hold).await.map_err(explain)
    }
}

fn explain(error: Error) -> ControlError {
    match error {
        Error::Refused(refusal) => {
            warn!(code = %refusal.code, "A runner's call was refused");
            ControlError::Refused
        }
        Error::Internal(cause) => ControlError::Unreachable(format!("{cause:#}")),
    }
}
