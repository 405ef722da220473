//! Opening a database, and the two ways to its connections.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, PgConnection, PgPool, SqlitePool};
use tokio::sync::Notify;

use super::conn::{Conn, Link};
use super::meter::Meter;
use super::migrations::{explain, postgres_migrator, sqlite_migrator};
use super::{OpenError, StoreError, Tx, query};
use crate::schema::{Schema, look_at_postgres};

/// How long one waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// Pages of a `SQLite` file that a connection keeps in memory at most, in KiB (negative, as `SQLite` wants it): with the two
/// megabytes of its default a big database is read from the file again and again.
const CACHE: &str = "-16384";

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(super) pools: Pools,
    pub(super) signals: Arc<Signals>,
    meter: Arc<Meter>,
}

#[derive(Clone)]
pub(super) enum Pools {
    /// One writer, many readers.
    Sqlite {
        readers: SqlitePool,
        writer: SqlitePool,
    },
    Postgres(PgPool),
}

/// Rung after a commit, so that nobody has to wait for the next look.
#[derive(Default)]
pub(super) struct Signals {
    pub(super) outbox: Notify,
    pub(super) work: Notify,
}

impl Signals {
    /// Those who wait for work are of several kinds, so all of them look; one who was about to wait looks once more.
    pub(super) fn ring_for_work(&self) {
        self.work.notify_waiters();
        self.work.notify_one();
    }
}

impl Store {
    /// Opens the database at `url` (`sqlite:…` or `postgres:…`), makes it if it is a missing file, and brings its schema up to
    /// date. `connections` is how many `PostgreSQL` connections or `SQLite` readers there may be.
    pub async fn open(url: &str, connections: u32) -> Result<Self, OpenError> {
        let pools = match url.split(':').next() {
            Some("sqlite") => open_sqlite(url, connections).await?,
            Some("postgres" | "postgresql") => open_postgres(url, connections).await?,
            _ => return Err(OpenError::UnknownScheme),
        };
        let store = Self { pools, signals: Arc::default(), meter: Arc::default() };
        store.listen();
        Ok(store)
    }

    /// As [`Store::open`], but only a database that is up to date, beside whoever uses it.
    pub async fn open_current(url: &str, connections: u32) -> Result<Self, OpenError> {
        crate::schema::look(url).await?.check_current()?;
        Self::open(url, connections).await
    }

    /// A connection for reading; every statement sees what is committed at its own moment.
    pub async fn read(&self) -> Result<Conn, StoreError> {
        let link = match &self.pools {
            Pools::Sqlite { readers, .. } => Link::Sqlite(readers.acquire().await?),
            Pools::Postgres(pool) => Link::Postgres(pool.acquire().await?),
        };
        Ok(Conn::new(link, self.meter.clone()))
    }

    /// A transaction that may write; dropping it rolls it back. Nothing slow happens inside: no network, no hashing.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let link = match &self.pools {
            Pools::Sqlite { writer, .. } => Link::SqliteTx(writer.begin_with("BEGIN IMMEDIATE").await?),
            Pools::Postgres(pool) => Link::PostgresTx(pool.begin().await?),
        };
        Ok(Tx::new(Conn::new(link, self.meter.clone()), self.signals.clone()))
    }

    /// Returns when an event may have been added to the outbox, by this node or another, or at the latest after a second.
    pub async fn outbox_rung(&self) {
        let _ = tokio::time::timeout(Duration::from_secs(1), self.signals.outbox.notified()).await;
    }

    /// Returns when work may have been queued, by this node or another, or at the latest after `patience`.
    pub async fn work_rung(&self, patience: Duration) {
        let _ = tokio::time::timeout(patience, self.signals.work.notified()).await;
    }

    /// Whether the database answers.
    pub async fn is_reachable(&self) -> bool {
        match self.read().await {
            Ok(mut conn) => query("SELECT 1").execute(&mut conn).await.is_ok(),
            Err(_) => false,
        }
    }

    /// Statements sent so far, for tests that count them.
    pub fn statements(&self) -> u64 {
        self.meter.statements()
    }

    /// So many further statements are carried out, and nothing after them, as if the process had been killed: for tests of
    /// what is true then.
    pub fn cut_off_after(&self, statements: u64) {
        self.meter.cut_off_after(statements);
    }

    /// Closes all connections after the statements under way.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

async fn open_sqlite(url: &str, connections: u32) -> Result<Pools, OpenError> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(OpenError::BadUrl)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(ACQUIRE_TIMEOUT)
        .pragma("cache_size", CACHE);
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .connect_with(options.clone())
        .await
        .map_err(OpenError::Unreachable)?;
    sqlite_migrator().run(&writer).await.map_err(explain)?;
    let readers = SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // A file does not hang up.
        .test_before_acquire(false)
        .connect_with(options.read_only(true).create_if_missing(false))
        .await
        .map_err(OpenError::Unreachable)?;
    Ok(Pools::Sqlite { readers, writer })
}

async fn open_postgres(url: &str, connections: u32) -> Result<Pools, OpenError> {
    let options = PgConnectOptions::from_str(url).map_err(OpenError::BadUrl)?.application_name("erpmax");
    // The pool tries until its time is over and then cannot say why.
    let mut first = PgConnection::connect_with(&options).await.map_err(OpenError::Unreachable)?;
    let schema = look_at_postgres(&mut first).await.map_err(OpenError::Unreachable)?;
    first.close().await.map_err(OpenError::Unreachable)?;
    let pool = PgPoolOptions::new()
        // One more is taken for good by the one that listens.
        .max_connections(connections.saturating_add(1))
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options)
        .await
        .map_err(OpenError::Unreachable)?;
    // A role that may not change the schema can use one that is up to date.
    if !matches!(schema, Schema::Current(_)) {
        postgres_migrator().run(&pool).await.map_err(explain)?;
    }
    Ok(Pools::Postgres(pool))
}
