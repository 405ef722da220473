//! A connection to either database.

use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};

use super::StoreError;
use super::meter::Meter;

/// A connection to either database, inside a transaction or not.
pub struct Conn {
    link: Link,
    meter: Arc<Meter>,
}

pub(super) enum Link {
    Sqlite(PoolConnection<Sqlite>),
    SqliteTx(Transaction<'static, Sqlite>),
    Postgres(PoolConnection<Postgres>),
    PostgresTx(Transaction<'static, Postgres>),
}

pub(super) enum Raw<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl Conn {
    pub(super) const fn new(link: Link, meter: Arc<Meter>) -> Self {
        Self { link, meter }
    }

    /// The driver's own connection, for one statement, which is counted.
    pub(super) fn raw(&mut self) -> Result<Raw<'_>, StoreError> {
        self.meter.statement()?;
        Ok(match &mut self.link {
            Link::Sqlite(link) => Raw::Sqlite(link),
            Link::SqliteTx(link) => Raw::Sqlite(link),
            Link::Postgres(link) => Raw::Postgres(link),
            Link::PostgresTx(link) => Raw::Postgres(link),
        })
    }

    pub(crate) const fn is_postgres(&self) -> bool {
        matches!(self.link, Link::Postgres(_) | Link::PostgresTx(_))
    }

    pub(super) async fn commit(self) -> Result<(), StoreError> {
        self.meter.commit()?;
        match self.link {
            Link::SqliteTx(link) => link.commit().await?,
            Link::PostgresTx(link) => link.commit().await?,
            Link::Sqlite(_) | Link::Postgres(_) => {}
        }
        Ok(())
    }
}
