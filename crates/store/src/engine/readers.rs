//! Connections that read `SQLite`.
//!
//! Each is a thread, and a statement is a message to it and back. The pool of sqlx sends two messages more, to ask before and
//! after each use whether the connection lives, and a file does not hang up. That would be most of what a read costs.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex as BlockingMutex, MutexGuard, PoisonError};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Error, SqliteConnection};
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::store::ACQUIRE_TIMEOUT;

/// All of them. Cheap to clone.
#[derive(Clone)]
pub(super) struct Readers {
    shared: Arc<Shared>,
}

struct Shared {
    options: SqliteConnectOptions,
    /// The one used last is the next one used.
    idle: BlockingMutex<Vec<Arc<Mutex<SqliteConnection>>>>,
    places: Arc<Semaphore>,
    count: u32,
}

/// A connection, for as long as this lives.
pub(super) struct Reader {
    connection: OwnedMutexGuard<SqliteConnection>,
    shared: Arc<Shared>,
    /// Given back last.
    _place: OwnedSemaphorePermit,
}

impl Readers {
    /// At most `count` connections, the first of which is made at once.
    pub(super) async fn open(options: SqliteConnectOptions, count: u32) -> Result<Self, Error> {
        let first = options.connect().await?;
        let places = Arc::new(Semaphore::new(usize::try_from(count).unwrap_or(usize::MAX)));
        let idle = BlockingMutex::new(vec![Arc::new(Mutex::new(first))]);
        let shared = Shared { options, idle, places, count };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// A connection, as soon as one is free.
    pub(super) async fn acquire(&self) -> Result<Reader, Error> {
        let place = timeout(ACQUIRE_TIMEOUT, self.shared.places.clone().acquire_owned());
        let place = place.await.map_err(|_| Error::PoolTimedOut)?.map_err(|_| Error::PoolClosed)?;
        let idle = self.shared.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => Arc::new(Mutex::new(self.shared.options.connect().await?)),
        };
        Ok(Reader { connection: connection.lock_owned().await, shared: self.shared.clone(), _place: place })
    }

    /// Waits for all statements under way and closes all connections.
    pub(super) async fn close(&self) {
        let all = self.shared.places.acquire_many(self.shared.count).await;
        self.shared.places.close();
        drop(all);
        let idle = std::mem::take(&mut *self.shared.idle());
        for connection in idle.into_iter().filter_map(Arc::into_inner) {
            // A connection that only read leaves nothing behind.
            drop(connection.into_inner().close().await);
        }
    }
}

impl Shared {
    fn idle(&self) -> MutexGuard<'_, Vec<Arc<Mutex<SqliteConnection>>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deref for Reader {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.connection
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.shared.idle().push(OwnedMutexGuard::mutex(&self.connection).clone());
    }
}
