//! Who is signed in: an encrypted cookie at the browser, and the tokens that belong to it here.
//!
//! The cookie holds the refresh token, which stays the same and is good within this process alone. Access tokens stay in memory, in a
//! map that has an end: a session that fell out of it, or that another node knew, begins with a refresh.

mod cookie;
mod kept;

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;
use uuid::Uuid;

pub(crate) use cookie::{Cookies, Ticket};
pub(crate) use kept::{Kept, WebSession};

/// Sessions whose tokens are remembered.
const MOST: NonZeroUsize = NonZeroUsize::new(20_000).expect("it is more than none");

/// The sessions that this process knows.
pub(crate) struct Sessions {
    known: Mutex<LruCache<Uuid, Arc<WebSession>>>,
}

impl Sessions {
    pub(crate) fn new() -> Self {
        Self { known: Mutex::new(LruCache::new(MOST)) }
    }

    /// The session of a cookie.
    pub(crate) fn of(&self, ticket: &Ticket) -> Arc<WebSession> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get_or_insert(ticket.id, || Arc::new(WebSession::resumed(&ticket.refresh_token))).clone()
    }

    /// Remembers a session that has just begun.
    pub(crate) fn remember(&self, id: Uuid, session: Arc<WebSession>) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).put(id, session);
    }

    pub(crate) fn forget(&self, id: Uuid) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).pop(&id);
    }
}
