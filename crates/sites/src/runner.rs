//! The one runner loop: leases jobs and takes each through its steps.

mod link;
pub(crate) mod meter;
mod patience;
mod saga;

use std::sync::Arc;
use std::time::Duration;

use erpmax_types::runner::{Lease, RunnerIdentity};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::control::{Control, ControlError};
use crate::driver::Driver;
use patience::Backoff;

/// How long one question for work may wait at the control plane.
const LONG_POLL: Duration = Duration::from_secs(20);
/// The shortest time between two questions, should the control plane answer without waiting.
const SHORTEST_POLL: Duration = Duration::from_millis(50);

/// Who a runner is and how much it does at a time.
#[derive(Clone, Debug)]
pub struct RunnerSettings {
    /// How it introduces itself.
    pub identity: RunnerIdentity,
    /// Jobs at a time, at least one.
    pub slots: usize,
}

/// Carries out jobs until `shutdown` fires; then the running steps stop, their leases are given back and this returns.
///
/// Dropping the future stops everything at once and reports nothing, as a crash would.
pub async fn run<C: Control, D: Driver>(
    control: Arc<C>,
    driver: Arc<D>,
    settings: RunnerSettings,
    shutdown: CancellationToken,
) {
    let identity = Arc::new(settings.identity);
    let mut workers = JoinSet::new();
    for _ in 0..settings.slots.max(1) {
        let worker = Worker {
            control: control.clone(),
            driver: driver.clone(),
            identity: identity.clone(),
            shutdown: shutdown.clone(),
        };
        workers.spawn(worker.work());
    }
    while let Some(end) = workers.join_next().await {
        if let Err(error) = end {
            tracing::error!(%error, "A worker of the runner ended unexpectedly");
        }
    }
}

struct Worker<C, D> {
    control: Arc<C>,
    driver: Arc<D>,
    identity: Arc<RunnerIdentity>,
    shutdown: CancellationToken,
}

impl<C: Control, D: Driver> Worker<C, D> {
    async fn work(self) {
        let mut backoff = Backoff::asking_for_work();
        while let Some(answer) = self.shutdown.run_until_cancelled(self.ask()).await {
            match answer {
                Ok(None) => backoff = Backoff::asking_for_work(),
                Ok(Some(lease)) => {
                    backoff = Backoff::asking_for_work();
                    saga::carry_out(&self.control, &*self.driver, lease, &self.shutdown).await;
                }
                Err(error) => {
                    tracing::warn!(%error, "Asking for work failed");
                    self.shutdown.run_until_cancelled(backoff.wait()).await;
                }
            }
        }
    }

    async fn ask(&self) -> Result<Option<Lease>, ControlError> {
        let asked = Instant::now();
        let answer = self.control.lease(&self.identity, LONG_POLL).await;
        if matches!(answer, Ok(None)) {
            sleep(SHORTEST_POLL.saturating_sub(asked.elapsed())).await;
        }
        answer
    }
}
