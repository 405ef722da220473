//! Hearing of other nodes' commits on `PostgreSQL`.

use std::sync::{Arc, Weak};
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tracing::warn;

use super::Store;
use super::store::{Pools, Signals};

/// The channel whose empty messages say that the outbox grew.
pub(super) const OUTBOX: &str = "erpmax_outbox";
/// The channel whose empty messages say that work was queued.
pub(super) const WORK: &str = "erpmax_work";

impl Store {
    /// Starts to listen where there can be other nodes. A cut connection is made again; what was missed meanwhile is
    /// found by the look that everybody takes once a second anyway.
    pub(super) fn listen(&self) {
        if let Pools::Postgres(pool) = &self.pools {
            tokio::spawn(listen(pool.clone(), Arc::downgrade(&self.signals)));
        }
    }
}

async fn listen(pool: PgPool, signals: Weak<Signals>) {
    while !pool.is_closed() {
        let Err(error) = hear(&pool, &signals).await else { return };
        if !pool.is_closed() {
            warn!(%error, "The connection that hears of other nodes' changes was lost");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

async fn hear(pool: &PgPool, signals: &Weak<Signals>) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen_all([OUTBOX, WORK]).await?;
    loop {
        let channel = listener.try_recv().await?;
        let Some(signals) = signals.upgrade() else { return Ok(()) };
        match channel.as_ref().map(sqlx::postgres::PgNotification::channel) {
            Some(OUTBOX) => signals.outbox.notify_one(),
            Some(WORK) => signals.ring_for_work(),
            Some(_) => {}
            None => {
                signals.outbox.notify_one();
                signals.ring_for_work();
            }
        }
    }
}
