//! Where tokens are kept between requests, and between processes. Never as plain text.

mod file;
#[cfg(feature = "keyring")]
mod keyring;
mod lock;
mod memory;

use std::path::Path;
use std::sync::Arc;

use erpmax_types::users::Tokens;
use tracing::debug;

pub use file::FileStore;
#[cfg(feature = "keyring")]
pub use keyring::KeyringStore;
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

/// The best store that this machine has for the sign-in to `server`: its keyring (with the feature `keyring`), or else a
/// sealed file in `folder`.
///
/// It may ask a keyring over D-Bus, so it is to be called before a program becomes busy.
///
/// ```no_run
/// use erpmax_client::{ApiClient, store};
///
/// let server = "https://api.example";
/// let client = ApiClient::builder(server).shared_token_store(store::best(server, "/var/lib/price-list".as_ref())).build()?;
/// # Ok::<(), erpmax_client::Error>(())
/// ```
pub fn best(server: &str, folder: &Path) -> Arc<dyn TokenStore> {
    match in_keyring(server, folder) {
        Ok(store) => store,
        Err(error) => {
            debug!(%error, "The sign-in is kept in a sealed file");
            Arc::new(FileStore::new(folder.join(file_name(server))))
        }
    }
}

/// On a thread of its own: the way over D-Bus blocks, which a caller's runtime would not like.
#[cfg(feature = "keyring")]
fn in_keyring(server: &str, folder: &Path) -> Result<Arc<dyn TokenStore>, StoreError> {
    let opened = std::thread::scope(|scope| scope.spawn(|| KeyringStore::open(server, folder)).join());
    Ok(Arc::new(opened.map_err(|_| StoreError::new("the keyring broke"))??))
}

#[cfg(not(feature = "keyring"))]
fn in_keyring(_server: &str, _folder: &Path) -> Result<Arc<dyn TokenStore>, StoreError> {
    Err(StoreError::new("this program was built without the keyring"))
}

/// A file's name out of a server's address.
fn file_name(server: &str) -> String {
    let server = server.split_once("://").map_or(server, |(_, rest)| rest).trim_end_matches('/');
    let plain =
        |character: char| if character.is_ascii_alphanumeric() || ".-".contains(character) { character } else { '_' };
    format!("{}.tokens", server.chars().map(plain).collect::<String>())
}
