//! A write transaction, with the events it causes.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Instant;

use tracing::warn;

use super::conn::Conn;
use super::store::Signals;
use super::{StoreError, listen, query};
use crate::outbox::{self, Emission};

/// The advisory lock under which events are numbered, so that the order of ids is the order of commits.
const OUTBOX_LOCK: i64 = 0x6572_706d_6178;

/// A write transaction. Dropping it rolls it back.
pub struct Tx {
    conn: Conn,
    emissions: Vec<Emission>,
    queued_work: bool,
    signals: Arc<Signals>,
    begun: Instant,
}

impl Tx {
    pub(super) fn new(conn: Conn, signals: Arc<Signals>) -> Self {
        Self { conn, emissions: Vec::new(), queued_work: false, signals, begun: Instant::now() }
    }

    /// An event that sockets are told once this transaction is committed.
    pub fn emit(&mut self, emission: Emission) {
        self.emissions.push(emission);
    }

    /// Notes that workers are to be woken by the commit.
    pub(crate) const fn work_was_queued(&mut self) {
        self.queued_work = true;
    }

    /// Makes it all true at once and wakes those who wait for it.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let emitted = !self.emissions.is_empty();
        if self.conn.is_postgres() {
            self.notify(emitted).await?;
        }
        outbox::insert(&mut self.conn, &self.emissions).await?;
        self.conn.commit().await?;
        if emitted {
            self.signals.outbox.notify_one();
        }
        if self.queued_work {
            self.signals.ring_for_work();
        }
        let held = self.begun.elapsed();
        if held.as_millis() > 1_000 {
            warn!(held_ms = held.as_millis(), "A transaction was held for long");
        }
        Ok(())
    }

    async fn notify(&mut self, emitted: bool) -> Result<(), StoreError> {
        if self.queued_work {
            query("SELECT pg_notify($1, '')").bind(listen::WORK).execute(&mut self.conn).await?;
        }
        if emitted {
            query("SELECT pg_notify($1, '')").bind(listen::OUTBOX).execute(&mut self.conn).await?;
            query("SELECT pg_advisory_xact_lock($1)").bind(OUTBOX_LOCK).execute(&mut self.conn).await?;
        }
        Ok(())
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}
