//! Tokens in a sealed file, where there is no keyring, as on servers.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use erpmax_types::users::Tokens;
use tracing::warn;

use super::{StoreError, StoreLock, TokenStore};
use crate::whole_file;

const NONCE: usize = 24;
/// What the file is, so that nothing else opens as one.
const CONTEXT: &[u8] = b"erpmax tokens v1";

/// Keeps tokens in a file that is sealed with XChaCha20-Poly1305 and readable by its owner alone (0600).
///
/// **What that is worth depends on where the key is.** [`FileStore::new`] keeps it in a file of its own beside the sealed one,
/// `{file}.key`, also 0600: a copy, a backup or a log of one of the two files says nothing, but a program that runs as the same
/// person can read both. Where that is not enough, give the key yourself with [`FileStore::with_key`], out of whatever keeps
/// secrets on that machine; then it is never written.
///
/// ```no_run
/// use erpmax_client::{ApiClient, store::FileStore};
///
/// let store = FileStore::new("/var/lib/price-list/tokens");
/// let client = ApiClient::builder("https://api.example").token_store(store).build()?;
/// # Ok::<(), erpmax_client::Error>(())
/// ```
pub struct FileStore {
    file: PathBuf,
    key: Option<[u8; 32]>,
}

impl FileStore {
    /// In `file`, under a key that is made when it is needed.
    pub fn new(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into(), key: None }
    }

    /// In `file`, under this key of 256 random bits.
    pub fn with_key(file: impl Into<PathBuf>, key: [u8; 32]) -> Self {
        Self { file: file.into(), key: Some(key) }
    }

    /// The file beside the sealed one with this ending.
    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.file.clone().into_os_string();
        name.push(ending);
        name.into()
    }

    /// None if there is no key yet, or no longer.
    fn present_key(&self) -> Result<Option<[u8; 32]>, StoreError> {
        match self.key {
            Some(key) => Ok(Some(key)),
            None => Ok(read(&self.beside(".key"))?.and_then(|bytes| bytes.try_into().ok())),
        }
    }

    fn key(&self) -> Result<[u8; 32], StoreError> {
        if let Some(key) = self.present_key()? {
            return Ok(key);
        }
        let key = rand::random::<[u8; 32]>();
        write(&self.beside(".key"), &key)?;
        Ok(key)
    }

    fn open(&self, sealed: &[u8]) -> Result<Option<Tokens>, StoreError> {
        let Some(key) = self.present_key()? else { return Ok(None) };
        let Some((nonce, text)) = sealed.split_first_chunk::<NONCE>() else { return Ok(None) };
        let open =
            XChaCha20Poly1305::new(&key.into()).decrypt(&XNonce::from(*nonce), Payload { msg: text, aad: CONTEXT });
        Ok(open.ok().and_then(|open| serde_json::from_slice(&open).ok()))
    }
}

impl TokenStore for FileStore {
    /// A file that does not open is as good as none: signing in writes a new one.
    fn load(&self) -> Result<Option<Tokens>, StoreError> {
        let Some(sealed) = read(&self.file)? else { return Ok(None) };
        let tokens = self.open(&sealed)?;
        if tokens.is_none() {
            warn!(file = %self.file.display(), "The kept sign-in does not open with its key and is passed over");
        }
        Ok(tokens)
    }

    fn save(&self, tokens: &Tokens) -> Result<(), StoreError> {
        if let Some(folder) = self.file.parent() {
            make_folder(folder)?;
        }
        let text =
            serde_json::to_vec(tokens).map_err(|error| StoreError::new("it cannot be written").because(error))?;
        let nonce = rand::random::<[u8; NONCE]>();
        let cipher = XChaCha20Poly1305::new(&self.key()?.into());
        let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: &text, aad: CONTEXT });
        let sealed = sealed.map_err(|_| StoreError::new("it cannot be sealed"))?;
        write(&self.file, &[&nonce[..], &sealed].concat())
    }

    fn clear(&self) -> Result<(), StoreError> {
        remove(&self.file)?;
        if self.key.is_none() {
            remove(&self.beside(".key"))?;
        }
        Ok(())
    }

    fn try_lock(&self) -> Result<Option<StoreLock>, StoreError> {
        if let Some(folder) = self.file.parent() {
            make_folder(folder)?;
        }
        StoreLock::try_file(&self.beside(".lock"))
    }
}

fn read(file: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::new(format!("{} cannot be read", file.display())).because(error)),
    }
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let failed = |error| StoreError::new(format!("{} cannot be written", file.display())).because(error);
    whole_file::write(file, bytes).map_err(failed)
}

fn remove(file: &Path) -> Result<(), StoreError> {
    let failed = |error| StoreError::new(format!("{} cannot be removed", file.display())).because(error);
    whole_file::remove(file).map_err(failed)
}

/// For its owner alone, if it is not there yet.
pub(super) fn make_folder(folder: &Path) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let made = builder.create(folder);
    made.map_err(|error| StoreError::new(format!("{} cannot be made", folder.display())).because(error))
}
