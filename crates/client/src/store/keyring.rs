//! Tokens in the keyring of the operating system.

use std::path::{Path, PathBuf};

use erpmax_types::users::Tokens;
use keyring::Error as KeyringError;
use keyring_core::Entry;

use super::file::make_folder;
use super::{StoreError, StoreLock, TokenStore};

const SERVICE: &str = "erpmax";

/// Keeps tokens in the keyring: the Secret Service on Linux (GNOME Keyring, `KWallet`), Keychain on macOS, Credential Manager on
/// Windows.
///
/// ```no_run
/// use erpmax_client::{ApiClient, store::KeyringStore};
///
/// let store = KeyringStore::open("https://api.example", "/home/owner/.local/share/erpmax".as_ref())?;
/// let client = ApiClient::builder("https://api.example").token_store(store).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct KeyringStore {
    entry: Entry,
    lock: PathBuf,
}

impl KeyringStore {
    /// The keyring's entry for `server`. A file in `folder`, without anything in it, keeps processes from renewing at once.
    ///
    /// # Errors
    /// If there is no keyring, as on most servers, or it does not open.
    pub fn open(server: &str, folder: &Path) -> Result<Self, StoreError> {
        let entry = keyring::Entry::new(SERVICE, server.trim_end_matches('/')).map_err(|error| unusable(&error))?.inner;
        let store = Self::of(entry, folder.join(format!("{}.lock", super::file_name(server))));
        // Only looking shows whether it opens.
        store.load()?;
        make_folder(folder)?;
        Ok(store)
    }

    fn of(entry: Entry, lock: PathBuf) -> Self {
        Self { entry, lock }
    }
}

impl TokenStore for KeyringStore {
    fn load(&self) -> Result<Option<Tokens>, StoreError> {
        match self.entry.get_secret() {
            Ok(secret) => Ok(serde_json::from_slice(&secret).ok()),
            Err(KeyringError::NoEntry) => Ok(None),
            Err(error) => Err(unusable(&error)),
        }
    }

    fn save(&self, tokens: &Tokens) -> Result<(), StoreError> {
        let text =
            serde_json::to_vec(tokens).map_err(|error| StoreError::new("it cannot be written").because(error))?;
        self.entry.set_secret(&text).map_err(|error| unusable(&error))
    }

    fn clear(&self) -> Result<(), StoreError> {
        match self.entry.delete_credential() {
            Ok(()) | Err(KeyringError::NoEntry) => Ok(()),
            Err(error) => Err(unusable(&error)),
        }
    }

    fn try_lock(&self) -> Result<Option<StoreLock>, StoreError> {
        StoreLock::try_file(&self.lock)
    }
}

/// In words alone: the error itself may hold what was to be kept.
fn unusable(error: &KeyringError) -> StoreError {
    let why = match error {
        KeyringError::NoStorageAccess(_) => "it is locked",
        KeyringError::NoDefaultStore | KeyringError::PlatformFailure(_) => {
            "there is none on this machine, or it does not answer"
        }
        _ => "it refused",
    };
    StoreError::new(format!("the keyring cannot be used: {why}"))
}

#[cfg(test)]
mod tests {
    use keyring_core::api::CredentialStoreApi;
    use keyring_core::mock;

    use super::*;

    fn store(folder: &Path) -> KeyringStore {
        let mocked = mock::Store::new().expect("a store");
        KeyringStore::of(mocked.build(SERVICE, "https://api.example", None).expect("an entry"), folder.join("lock"))
    }

    #[test]
    fn tokens_are_kept_and_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path());
        let tokens = Tokens { access_token: "access".to_owned(), refresh_token: "refresh".to_owned() };
        assert_eq!(store.load().expect("it answers"), None);
        store.save(&tokens).expect("it is kept");
        assert_eq!(store.load().expect("it answers"), Some(tokens));
        store.clear().expect("it is forgotten");
        store.clear().expect("twice is as good as once");
        assert_eq!(store.load().expect("it answers"), None);
        let lock = store.try_lock().expect("it can be locked").expect("nobody holds it");
        assert!(store.try_lock().expect("it answers").is_none());
        drop(lock);
    }
}
