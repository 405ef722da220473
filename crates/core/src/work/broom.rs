//! Forgets what has no more use: old events, spent passes, expired tokens and counters.

use std::time::Duration;

use erpmax_store::{idempotency, mails, outbox, refresh_tokens, sso_tokens, throttles};
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::{Core, Result};

const PAUSE: Duration = Duration::from_secs(15 * 60);
const DAY: Duration = Duration::from_secs(86_400);
/// How long the operator sees what became of a mail.
const MAILS_ARE_KEPT: Duration = Duration::from_secs(30 * 86_400);

/// Sweeps now and every quarter of an hour until `shutdown`.
pub async fn sweep_forever(core: Core, shutdown: CancellationToken) {
    loop {
        if let Err(problem) = sweep(&core).await {
            error!(error = ?problem, "Sweeping failed");
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

async fn sweep(core: &Core) -> Result<()> {
    let yesterday = core.now() - DAY;
    let mut tx = core.store().begin().await?;
    outbox::delete_expired(&mut tx, yesterday).await?;
    idempotency::delete_expired(&mut tx, yesterday).await?;
    sso_tokens::delete_expired(&mut tx, yesterday).await?;
    throttles::delete_expired(&mut tx, yesterday).await?;
    // A spent token is kept as long as it could be replayed: its reuse ends the family.
    refresh_tokens::delete_expired(&mut tx, yesterday).await?;
    mails::delete_expired(&mut tx, core.now() - MAILS_ARE_KEPT).await?;
    Ok(tx.commit().await?)
}
