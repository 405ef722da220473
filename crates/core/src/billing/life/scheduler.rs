//! Looks at subscriptions whose time has come. Any number of nodes may do so at once.

use std::time::Duration;

use erpmax_store::{subscriptions, tenants};
use erpmax_types::{ErrorCode, TenantId};
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::follow;
use crate::{Core, Error, Result};

/// How often somebody looks whether something is due.
const PAUSE: Duration = Duration::from_secs(5);
/// Tenants that are read at a time; each has a transaction of its own.
const BATCH: i64 = 100;
/// How long a subscription waits whose step failed by a fault of ours.
const PUT_OFF: Duration = Duration::from_secs(600);

/// Takes due steps now and every few seconds until `shutdown`.
pub async fn follow_forever(core: Core, shutdown: CancellationToken) {
    while !shutdown.is_cancelled() {
        if let Err(problem) = shutdown.run_until_cancelled(follow_due(&core)).await.unwrap_or(Ok(0)) {
            error!(error = ?problem, "Subscriptions cannot be looked at");
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// Takes the steps that are due; of how many tenants. One whose step fails does not stop the others.
pub async fn follow_due(core: &Core) -> Result<usize> {
    let mut looked_at = 0;
    loop {
        let due = subscriptions::list_due(&mut core.store().read().await?, core.now(), BATCH).await?;
        if due.is_empty() {
            return Ok(looked_at);
        }
        for tenant in due {
            if let Err(problem) = follow_tenant(core, tenant).await {
                put_off(core, tenant, problem).await?;
            }
            looked_at += 1;
        }
    }
}

async fn follow_tenant(core: &Core, tenant: TenantId) -> Result<()> {
    let mut tx = core.store().begin().await?;
    tenants::lock(&mut tx, tenant).await?;
    follow(core, &mut tx, tenant).await?;
    Ok(tx.commit().await?)
}

async fn put_off(core: &Core, tenant: TenantId, problem: Error) -> Result<()> {
    if problem.code() == ErrorCode::Unavailable {
        return Err(problem);
    }
    error!(tenant.id = %tenant, error = ?problem, "A subscription cannot go its next step and waits");
    let mut tx = core.store().begin().await?;
    subscriptions::update_next_step(&mut tx, tenant, Some(core.now() + PUT_OFF)).await?;
    Ok(tx.commit().await?)
}
