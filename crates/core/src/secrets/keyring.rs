//! The master key: what a key file holds, what it seals, and how a changed file is noticed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use anyhow::{Context, anyhow, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use erpmax_store::sealed::sealed_by;
use sha2::{Digest, Sha256};
use tracing::{info, warn};

use super::hexadecimal;

const NONCE_BYTES: usize = 24;
const ID_BYTES: usize = 8;
/// Of 32 bytes made by chance 30 are different from each other, give or take two; fewer than this are seen once in 10¹⁵ keys.
const FEWEST_DISTINCT: usize = 18;

/// The installation's master key, with its predecessors while a rotation is under way. It seals secrets kept in the
/// database and never goes there itself. Cheap to clone; clones share what they learn from a changed key file.
#[derive(Clone)]
pub struct MasterKey {
    ring: Arc<RwLock<Ring>>,
    file: Option<Arc<Path>>,
}

struct Ring {
    /// The first one seals, all open.
    keys: Vec<Arc<Key>>,
    stamp: Option<Stamp>,
}

struct Key {
    id: String,
    cipher: XChaCha20Poly1305,
}

/// By what a file is known to have changed.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    bytes: u64,
    modified: Option<SystemTime>,
}

impl MasterKey {
    /// From the text of a key file: a key a line, 32 bytes in base64url; the first one seals, all open.
    pub fn from_text(text: &str) -> anyhow::Result<Self> {
        Ok(Self { ring: Arc::new(RwLock::new(Ring { keys: read_keys(text)?, stamp: None })), file: None })
    }

    /// From a key file, which is looked at again when it changes.
    pub fn from_file(path: &Path) -> anyhow::Result<Self> {
        let stamp = Stamp::of(path);
        let keys = read_keys(&fs::read_to_string(path)?)?;
        Ok(Self { ring: Arc::new(RwLock::new(Ring { keys, stamp })), file: Some(path.into()) })
    }

    /// The text of a new key file.
    pub fn generate_text() -> String {
        URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
    }

    /// The id of the key that seals: 16 hex digits, which tell nothing of the key.
    pub fn sealing_id(&self) -> anyhow::Result<String> {
        Ok(self.sealing()?.id.clone())
    }

    /// The ids of all keys, the sealing one first.
    pub fn ids(&self) -> Vec<String> {
        self.keys().iter().map(|key| key.id.clone()).collect()
    }

    /// Seals `secret` for the place `place` (table, row) and no other.
    pub(crate) fn seal(&self, place: &str, secret: &[u8]) -> anyhow::Result<String> {
        if self.file_has_changed() {
            self.reload();
        }
        let key = self.sealing()?;
        let nonce = rand::random::<[u8; NONCE_BYTES]>();
        let aad = associated(&key.id, place);
        let payload = Payload { msg: secret, aad: aad.as_bytes() };
        let sealed =
            key.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| anyhow!("a secret cannot be sealed"))?;
        Ok(format!("{}{}", sealed_by(&key.id), URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat())))
    }

    /// Opens what was sealed for `place`. A key that is not known makes us look into the key file before we refuse.
    pub(crate) fn open(&self, place: &str, sealed: &str) -> anyhow::Result<Vec<u8>> {
        let Some((id, text)) = sealed.strip_prefix("v1.").and_then(|rest| rest.split_once('.')) else {
            return self.open_without_id(place, sealed);
        };
        let key = self.find(id).or_else(|| {
            self.reload();
            self.find(id)
        });
        let key = key.with_context(|| {
            format!("the master key does not fit this database ({place} is sealed by the key {id}, which the key file lacks)")
        })?;
        key.open(&associated(id, place), text)?.with_context(|| unfit(place))
    }

    /// The form of the first version, which names no key.
    fn open_without_id(&self, place: &str, sealed: &str) -> anyhow::Result<Vec<u8>> {
        for key in self.keys() {
            if let Some(secret) = key.open(place, sealed)? {
                return Ok(secret);
            }
        }
        bail!(unfit(place))
    }

    fn keys(&self) -> Vec<Arc<Key>> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).keys.clone()
    }

    fn sealing(&self) -> anyhow::Result<Arc<Key>> {
        self.keys().first().cloned().context("there is no master key")
    }

    fn find(&self, id: &str) -> Option<Arc<Key>> {
        self.keys().into_iter().find(|key| key.id == id)
    }

    fn file_has_changed(&self) -> bool {
        let Some(file) = &self.file else { return false };
        let stamp = Stamp::of(file);
        stamp.is_some() && stamp != self.ring.read().unwrap_or_else(PoisonError::into_inner).stamp
    }

    /// Takes over what the key file says now. Keys that we had still open: whoever sealed by one may only just commit.
    fn reload(&self) {
        let Some(file) = &self.file else { return };
        let stamp = Stamp::of(file);
        let read = fs::read_to_string(file).map_err(anyhow::Error::new).and_then(|text| read_keys(&text));
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        let mut keys = match read {
            Ok(keys) => keys,
            Err(error) => {
                warn!(%error, "The master key file changed and cannot be used; going on with the keys of before");
                return;
            }
        };
        if keys.first().map(|key| &key.id) != ring.keys.first().map(|key| &key.id) {
            info!("The master key file has a new key, which seals from now on");
        }
        for key in &ring.keys {
            if keys.iter().all(|other| other.id != key.id) {
                keys.push(key.clone());
            }
        }
        *ring = Ring { keys, stamp };
    }
}

impl Key {
    fn from_line(line: &str) -> anyhow::Result<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(line).context("the master key is not base64url")?;
        let cipher =
            XChaCha20Poly1305::new_from_slice(&bytes).map_err(|_| anyhow!("the master key is not 32 bytes"))?;
        Ok(Self { id: hexadecimal(&Sha256::digest(&bytes)[..ID_BYTES]), cipher })
    }

    /// `None` where it was sealed by another key or for another place.
    fn open(&self, aad: &str, text: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let bytes = URL_SAFE_NO_PAD.decode(text).context("a sealed secret is not base64url")?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>().context("a sealed secret is too short")?;
        let payload = Payload { msg: sealed, aad: aad.as_bytes() };
        Ok(self.cipher.decrypt(&XNonce::from(*nonce), payload).ok())
    }
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = fs::metadata(PathBuf::from(path)).ok()?;
        Some(Self { inode: metadata.ino(), bytes: metadata.len(), modified: metadata.modified().ok() })
    }
}

fn read_keys(text: &str) -> anyhow::Result<Vec<Arc<Key>>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let keys = lines.map(|line| Key::from_line(line).map(Arc::new)).collect::<anyhow::Result<Vec<_>>>()?;
    if keys.is_empty() {
        bail!("it holds no key");
    }
    Ok(keys)
}

/// Whether a key of a key file is made by chance: not a text, a number or a pattern that somebody wrote down.
pub fn is_random(key: &str) -> bool {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(key.trim()) else { return false };
    let distinct = bytes.iter().collect::<BTreeSet<_>>().len();
    let steps = bytes.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect::<BTreeSet<_>>().len();
    let is_text = bytes.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    distinct >= FEWEST_DISTINCT && steps >= FEWEST_DISTINCT && !is_text
}

fn associated(id: &str, place: &str) -> String {
    format!("{}{place}", sealed_by(id))
}

fn unfit(place: &str) -> String {
    format!("the master key does not fit this database ({place})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> MasterKey {
        MasterKey::from_text(text).expect("the text is a key file")
    }

    fn text() -> String {
        MasterKey::generate_text()
    }

    #[test]
    fn a_sealed_secret_opens_only_in_its_place() {
        let master = key(&text());
        let sealed = master.seal("sites/1", b"secret").expect("sealing works");
        assert_eq!(master.open("sites/1", &sealed).ok().as_deref(), Some(b"secret".as_slice()));
        assert!(master.open("sites/2", &sealed).is_err());
    }

    #[test]
    fn a_sealed_secret_names_its_key_and_another_name_does_not_open() {
        let (old, new) = (text(), text());
        let sealed = key(&old).seal("sites/1", b"secret").expect("sealing works");
        let ring = key(&format!("{new}\n{old}\n"));
        assert_eq!(ring.open("sites/1", &sealed).ok().as_deref(), Some(b"secret".as_slice()));
        let renamed = sealed.replace(&ring.ids()[1], &ring.ids()[0]);
        assert!(ring.open("sites/1", &renamed).is_err());
        let refusal = key(&new).open("sites/1", &sealed).expect_err("the key is not there").to_string();
        assert!(refusal.contains(&ring.ids()[1]), "{refusal}");
    }

    #[test]
    fn a_key_made_by_chance_is_told_from_one_that_somebody_wrote() {
        for _ in 0..1_000 {
            assert!(is_random(&text()));
        }
        let rising: Vec<u8> = (0..32).collect();
        let words = b"correct horse battery staple, 12";
        for weak in [&[0; 32], &[7; 32], &rising[..], words, &[1, 2, 3, 4].repeat(8)] {
            assert!(!is_random(&URL_SAFE_NO_PAD.encode(weak)), "{weak:?}");
        }
        assert!(!is_random("no key"));
    }

    #[test]
    fn the_first_key_seals() {
        let ring = key(&format!("{}\n\n{}\n", text(), text()));
        let sealed = ring.seal("sites/1", b"secret").expect("sealing works");
        assert!(sealed.starts_with(&sealed_by(&ring.ids()[0])));
    }

    #[test]
    fn the_form_of_the_first_version_opens_with_any_key() {
        let (old, new) = (text(), text());
        let nonce = [7; NONCE_BYTES];
        let payload = Payload { msg: b"secret", aad: b"sites/1" };
        let cipher = &key(&old).keys()[0].cipher.encrypt(&XNonce::from(nonce), payload).expect("sealing works");
        let sealed = URL_SAFE_NO_PAD.encode([nonce.as_slice(), cipher].concat());
        let ring = key(&format!("{new}\n{old}"));
        assert_eq!(ring.open("sites/1", &sealed).ok().as_deref(), Some(b"secret".as_slice()));
        assert!(ring.open("sites/2", &sealed).is_err());
        assert!(key(&new).open("sites/1", &sealed).is_err());
    }

    #[test]
    fn a_changed_key_file_is_noticed_by_who_opens_and_by_who_seals() {
        let folder = std::env::temp_dir().join(format!("erpmax-keyring-{}", super::super::random_token()));
        fs::create_dir(&folder).expect("a folder can be made");
        let (file, old, new) = (folder.join("master.key"), text(), text());
        fs::write(&file, &old).expect("a file can be written");
        let (opener, sealer) =
            (MasterKey::from_file(&file).expect("a key"), MasterKey::from_file(&file).expect("a key"));
        let before = sealer.seal("sites/1", b"secret").expect("sealing works");
        fs::write(&file, &new).expect("a file can be written");
        let after = sealer.seal("sites/1", b"secret").expect("sealing works");
        assert!(after.starts_with(&sealed_by(&key(&new).ids()[0])));
        for sealed in [before, after] {
            assert_eq!(opener.open("sites/1", &sealed).ok().as_deref(), Some(b"secret".as_slice()));
        }
        fs::remove_dir_all(folder).expect("the folder can be removed");
    }
}
