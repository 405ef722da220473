//! What is known of an Engine.IO connection, whatever carries it, and the bound on their number.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Line;

/// How long a connection on which nobody is let in may last on.
const GRACE: Duration = Duration::from_secs(5);

/// An Engine.IO connection. Socket.IO keeps it, among the extensions of the opening request, for as long as it lives.
#[derive(Debug)]
pub(super) struct Connection {
    line: Mutex<Option<Line>>,
    seats: AtomicUsize,
    is_closed: AtomicBool,
    _permit: OwnedSemaphorePermit,
}

impl Connection {
    /// Puts the connection on a line of its own: that of its WebSocket.
    pub(super) fn put_on(&self, line: Line) {
        if self.is_closed() {
            line.cut();
        }
        *lock(&self.line) = Some(line);
    }

    /// Somebody was let in.
    pub(super) fn add_seat(&self) {
        self.seats.fetch_add(1, Ordering::AcqRel);
    }

    /// Somebody left; a connection that nobody uses is closed soon.
    pub(super) fn remove_seat(self: &Arc<Self>) {
        self.seats.fetch_sub(1, Ordering::AcqRel);
        self.close_if_unused();
    }

    /// Gives the other end a moment to hang up by itself, and then closes the connection unless somebody was let in.
    pub(super) fn close_if_unused(self: &Arc<Self>) {
        if self.seats.load(Ordering::Acquire) > 0 {
            return;
        }
        let connection = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(GRACE).await;
            if let Some(connection) = connection.upgrade()
                && connection.seats.load(Ordering::Acquire) == 0
            {
                connection.close();
            }
        });
    }

    /// Cuts a WebSocket's line; long polling finds itself unknown and ends with its heartbeat.
    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        if let Some(line) = lock(&self.line).as_ref() {
            line.cut();
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire)
    }
}

/// All connections of this node.
#[derive(Debug)]
pub(super) struct Connections {
    permits: Arc<Semaphore>,
    /// Those that long polling began, by the session id that Engine.IO gave them.
    polling: Mutex<HashMap<String, Weak<Connection>>>,
}

impl Connections {
    /// At most `limit` of them.
    pub(super) fn new(limit: usize) -> Self {
        Self { permits: Arc::new(Semaphore::new(limit)), polling: Mutex::default() }
    }

    /// A new connection, unless there are too many.
    pub(super) fn open(&self) -> Option<Arc<Connection>> {
        let permit = self.permits.clone().try_acquire_owned().ok()?;
        let (line, seats, is_closed) = (Mutex::default(), AtomicUsize::new(0), AtomicBool::new(false));
        Some(Arc::new(Connection { line, seats, is_closed, _permit: permit }))
    }

    /// Lets no further connection begin.
    pub(super) fn shut(&self) {
        self.permits.close();
    }

    /// Remembers a connection by its session id.
    pub(super) fn remember(&self, sid: String, connection: &Arc<Connection>) {
        lock(&self.polling).insert(sid, Arc::downgrade(connection));
    }

    /// The connection that long polling began under this session id.
    pub(super) fn find(&self, sid: &str) -> Option<Arc<Connection>> {
        lock(&self.polling).get(sid)?.upgrade()
    }

    /// Forgets those that have ended.
    pub(super) fn forget_ended(&self) {
        lock(&self.polling).retain(|_, connection| connection.strong_count() > 0);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
