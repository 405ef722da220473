//! Tokens that end with the process.

use std::sync::{Mutex, MutexGuard, PoisonError};

use erpmax_types::users::Tokens;

use super::{StoreError, TokenStore};

/// Keeps tokens in memory.
///
/// ```
/// use erpmax_client::store::{MemoryStore, TokenStore};
///
/// let store = MemoryStore::default();
/// assert!(store.load()?.is_none());
/// # Ok::<(), erpmax_client::store::StoreError>(())
/// ```
#[derive(Default)]
pub struct MemoryStore {
    tokens: Mutex<Option<Tokens>>,
}

impl MemoryStore {
    /// A store that somebody is signed in with already.
    pub const fn with(tokens: Tokens) -> Self {
        Self { tokens: Mutex::new(Some(tokens)) }
    }

    fn tokens(&self) -> MutexGuard<'_, Option<Tokens>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenStore for MemoryStore {
    fn load(&self) -> Result<Option<Tokens>, StoreError> {
        Ok(self.tokens().clone())
    }

    fn save(&self, tokens: &Tokens) -> Result<(), StoreError> {
        *self.tokens() = Some(tokens.clone());
        Ok(())
    }

    fn clear(&self) -> Result<(), StoreError> {
        *self.tokens() = None;
        Ok(())
    }
}
