//! Carries out queued work other than provisioning: today, provider events.

use std::time::Duration;

use erpmax_store::work::{self, NewLease, WorkRow};
use erpmax_types::LeaseId;
use erpmax_types::runner::RunnerIdentity;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use crate::billing::webhook;
use crate::{Core, Result};

const LEASE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// After so many tries, over about a day, work is given up and shown in the log.
const MOST_ATTEMPTS: i64 = 16;
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(4 * 3_600);

/// Works until `shutdown`. What earlier starts of the worker's host held is free first: they cannot be running any more.
pub async fn work_forever(core: Core, worker: RunnerIdentity, shutdown: CancellationToken) {
    if let Err(problem) = free_older_boots(&core, &worker).await {
        warn!(error = ?problem, "Work that was cut off waits until its lease runs out");
    }
    while !shutdown.is_cancelled() {
        // Never left half-way: its lease would hold the work back for a minute.
        let found = work_once(&core, &worker).await.unwrap_or_else(|problem| {
            error!(error = ?problem, "The queue cannot be read");
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

async fn free_older_boots(core: &Core, worker: &RunnerIdentity) -> Result<()> {
    let mut tx = core.store().begin().await?;
    work::free_older_boots(&mut tx, webhook::QUEUE, &worker.host, &worker.boot).await?;
    Ok(tx.commit().await?)
}

/// Takes and carries out one piece of work; false if none was due.
async fn work_once(core: &Core, worker: &RunnerIdentity) -> Result<bool> {
    if !work::is_due(&mut core.store().read().await?, webhook::QUEUE, core.now()).await? {
        return Ok(false);
    }
    let mut tx = core.store().begin().await?;
    let (host, boot) = (worker.host.as_str(), worker.boot.as_str());
    let lease = NewLease { id: core.id::<LeaseId>(), host, boot, until: core.now() + LEASE };
    let work = work::lease(&mut tx, webhook::QUEUE, &lease, core.now()).await?;
    tx.commit().await?;
    let Some(work) = work else { return Ok(false) };
    if let Err(problem) = webhook::handle(core, &work.subject).await {
        put_off(core, &work, &problem).await?;
    }
    Ok(true)
}

async fn put_off(core: &Core, work: &WorkRow, problem: &crate::Error) -> Result<()> {
    let mut tx = core.store().begin().await?;
    if work.attempts >= MOST_ATTEMPTS {
        error!(queue = work.queue, subject = work.subject, error = ?problem, "Queued work is given up after its last try");
        work::delete(&mut tx, &work.queue, &work.subject).await?;
    } else {
        warn!(queue = work.queue, subject = work.subject, error = ?problem, "Queued work failed and is tried again");
        work::put_off(&mut tx, work.id, core.now() + pause(work.attempts), &problem.to_string()).await?;
    }
    Ok(tx.commit().await?)
}

fn pause(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 16) - 1).unwrap_or(0);
    (FIRST_PAUSE * 2_u32.pow(doublings)).min(LONGEST_PAUSE)
}
