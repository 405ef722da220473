//! Carries out queued work other than provisioning: provider events, mails and forgotten passwords.

use std::time::Duration;

use erpmax_store::work::{self, NewLease, WorkRow};
use erpmax_types::LeaseId;
use erpmax_types::runner::RunnerIdentity;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use super::free_older_boots;
use crate::auth::proof;
use crate::billing::webhook;
use crate::{Core, Error, Result, mail};

const LEASE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// Work is never given up: it may be a payment. After the tenth try it is tried once in such a time, until somebody mends it.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// The queues that are worked through in here.
#[derive(Clone, Copy, Debug)]
enum Queue {
    ProviderEvents,
    Mail,
    ForgottenPasswords,
}

impl Queue {
    const ALL: [Self; 3] = [Self::ProviderEvents, Self::Mail, Self::ForgottenPasswords];

    const fn name(self) -> &'static str {
        match self {
            Self::ProviderEvents => webhook::QUEUE,
            Self::Mail => mail::QUEUE,
            Self::ForgottenPasswords => proof::QUEUE,
        }
    }

    /// How many pieces of its work are carried out at a time.
    const fn hands(self) -> usize {
        match self {
            Self::ProviderEvents | Self::ForgottenPasswords => 1,
            // A server that is slow to one must not hold up the others.
            Self::Mail => 4,
        }
    }

    /// How long a piece of its work may take.
    fn lease(self, core: &Core) -> Duration {
        match self {
            Self::ProviderEvents | Self::ForgottenPasswords => LEASE,
            Self::Mail => mail::lease(core),
        }
    }

    /// Carries a piece of work out and takes it off the queue, or puts it off with a reason of its own. An error is a fault of
    /// ours: the work is tried again.
    async fn handle(self, core: &Core, work: &WorkRow) -> Result<()> {
        match self {
            Self::ProviderEvents => webhook::handle(core, &work.subject).await,
            Self::Mail => mail::handle(core, work).await,
            Self::ForgottenPasswords => proof::handle(core, work).await,
        }
    }
}

/// Works until `shutdown`. What earlier starts of the worker's host held is free first: they cannot be running any more.
pub async fn work_forever(core: Core, worker: RunnerIdentity, shutdown: CancellationToken) {
    let mut hands = JoinSet::new();
    for queue in Queue::ALL {
        if let Err(problem) = free_older_boots(&core, queue.name(), &worker).await {
            warn!(error = ?problem, "Work that was cut off waits until its lease runs out");
        }
        for _ in 0..queue.hands() {
            hands.spawn(serve(core.clone(), queue, worker.clone(), shutdown.clone()));
        }
    }
    hands.join_all().await;
}

async fn serve(core: Core, queue: Queue, worker: RunnerIdentity, shutdown: CancellationToken) {
    while !shutdown.is_cancelled() {
        // Never left half-way: its lease would hold the work back for a minute.
        let found = work_once(&core, queue, &worker).await.unwrap_or_else(|problem| {
            error!(queue = queue.name(), error = ?problem, "The queue cannot be read");
            false
        });
        if !found {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = core.store().work_rung(LOOK_AGAIN) => {}
            }
        }
    }
}

/// Takes and carries out one piece of work; false if none was due.
async fn work_once(core: &Core, queue: Queue, worker: &RunnerIdentity) -> Result<bool> {
    if !work::is_due(&mut core.store().read().await?, queue.name(), core.now()).await? {
        return Ok(false);
    }
    let mut tx = core.store().begin().await?;
    let (host, boot) = (worker.host.as_str(), worker.boot.as_str());
    let lease = NewLease { id: core.id::<LeaseId>(), host, boot, until: core.now() + queue.lease(core) };
    let work = work::lease(&mut tx, queue.name(), &lease, core.now()).await?;
    tx.commit().await?;
    let Some(work) = work else { return Ok(false) };
    if let Err(problem) = queue.handle(core, &work).await {
        put_off(core, &work, &problem).await?;
    }
    Ok(true)
}

async fn put_off(core: &Core, work: &WorkRow, problem: &Error) -> Result<()> {
    let pause = pause(work.attempts);
    let (queue, subject, attempts) = (&work.queue, &work.subject, work.attempts);
    if pause < LONGEST_PAUSE {
        warn!(queue, subject, attempts, error = ?problem, "Queued work failed and is tried again");
    } else {
        error!(queue, subject, attempts, error = ?problem, "Queued work fails again and again; it is kept");
    }
    let mut tx = core.store().begin().await?;
    work::put_off(&mut tx, work.id, work.fence, core.now() + pause, &problem.to_string()).await?;
    Ok(tx.commit().await?)
}

fn pause(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 16) - 1).unwrap_or(0);
    (FIRST_PAUSE * 2_u32.pow(doublings)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_and_is_an_hour_at_most() {
        assert_eq!([1, 2, 3].map(|attempts| pause(attempts).as_secs()), [5, 10, 20]);
        assert!(pause(10) < LONGEST_PAUSE);
        assert_eq!([11, 16, 1_000, i64::MAX].map(pause), [LONGEST_PAUSE; 4]);
    }
}
