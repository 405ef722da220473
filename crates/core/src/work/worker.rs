//! Carries out queued work other than provisioning: today, provider events.

use std::time::Duration;

use erpmax_store::work::{self, NewLease, WorkRow};
use erpmax_types::LeaseId;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use crate::billing::webhook;
use crate::{Core, Result};

const LEASE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// After so many tries, over about a day, work is given up and shown in the log.
const MOST_ATTEMPTS: i64 = 12;
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(4 * 3_600);

/// Works until `shutdown`. `boot` names this process.
pub async fn work_forever(core: Core, boot: String, shutdown: CancellationToken) {
    loop {
        let outcome = tokio::select! {
            () = shutdown.cancelled() => return,
            outcome = work_once(&core, &boot) => outcome,
        };
        let found = outcome.unwrap_or_else(|problem| {
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

/// Takes and carries out one piece of work; false if none was due.
pub(crate) async fn work_once(core: &Core, boot: &str) -> Result<bool> {
    if !work::is_due(&mut core.store().read().await?, webhook::QUEUE, core.now()).await? {
        return Ok(false);
    }
    let mut tx = core.store().begin().await?;
    let lease = NewLease { id: core.id::<LeaseId>(), host: boot, boot, until: core.now() + LEASE };
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
