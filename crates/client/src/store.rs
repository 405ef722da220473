//! Where tokens are kept between requests, and between processes. Never as plain text.

mod lock;
mod memory;

use std::sync::Arc;

use erpmax_types::users::Tokens;

pub use lock::StoreLock;
pub use memory::MemoryStore;

/// Keeps the tokens of one sign-in. Processes that share a store share the sign-in.
///
/// Its functions may wait for a disk or a keyring; they are called where that holds nobody up.
///
/// ```
/// use erpmax_client::{ApiClient, store::MemoryStore};
///
/// let client = ApiClient::builder("http://localhost:8000").token_store(MemoryStore::default()).build()?;
/// # Ok::<(), erpmax_client::Error>(())
/// ```
pub trait TokenStore: Send + Sync + 'static {
    /// The tokens, if somebody is signed in.
    fn load(&self) -> Result<Option<Tokens>, StoreError>;

    /// Keeps these tokens in place of any others.
    fn save(&self, tokens: &Tokens) -> Result<(), StoreError>;

    /// Forgets the tokens, and everything that belongs to them.
    fn clear(&self) -> Result<(), StoreError>;

    /// Keeps other processes from changing the store until the lock is dropped; none while another one holds it.
    /// A store of one process has nothing to lock.
    fn try_lock(&self) -> Result<Option<StoreLock>, StoreError> {
        Ok(Some(StoreLock::none()))
    }
}

/// The token store does not work.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the sign-in cannot be kept: {message}")]
pub struct StoreError {
    message: String,
    #[source]
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl StoreError {
    /// Something that went wrong in a store.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), cause: None }
    }

    /// The same, because of `cause`.
    #[must_use]
    pub fn because(self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self { message: format!("{}: {cause}", self.message), cause: Some(Arc::new(cause)) }
    }
}
