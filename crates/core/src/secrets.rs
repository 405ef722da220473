//! Secrets: the master key that seals what the database keeps, random tokens and their hashes.

mod keyring;
pub mod passphrase;
mod rotation;

use anyhow::{Context, anyhow};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use erpmax_store::{Store, installation};
use hmac::{Hmac, KeyInit as _, Mac};
use sha2::{Digest, Sha256};

pub use keyring::{MasterKey, is_random};
pub use rotation::{check_fits, count_others, reseal};

/// Lower-case hex digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// 256 random bits as text.
pub fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// SHA-256 as text: how tokens of 256 random bits are kept.
pub fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

/// The key from which refresh tokens' successors and webhook signatures of the sandbox are derived.
#[derive(Clone)]
pub(crate) struct DerivationKey {
    mac: Hmac<Sha256>,
}

const DERIVATION_KEY: &str = "derivation_key";

impl DerivationKey {
    /// Loads the key, or makes it on the first start; of two nodes starting at once the first one's counts.
    pub(crate) async fn load(store: &Store, master: &MasterKey) -> anyhow::Result<Self> {
        let sealed = match installation::find(&mut store.read().await?, DERIVATION_KEY).await? {
            Some(sealed) => sealed,
            None => Self::make(store, master).await?,
        };
        let secret = master.open(DERIVATION_KEY, &sealed)?;
        Ok(Self { mac: Hmac::new_from_slice(&secret).map_err(|_| anyhow!("the derivation key is unusable"))? })
    }

    async fn make(store: &Store, master: &MasterKey) -> anyhow::Result<String> {
        let sealed = master.seal(DERIVATION_KEY, &rand::random::<[u8; 32]>())?;
        let mut tx = store.begin().await?;
        installation::insert(&mut tx, DERIVATION_KEY, &sealed).await?;
        let kept = installation::find(&mut tx, DERIVATION_KEY).await?.context("the derivation key was not kept")?;
        tx.commit().await?;
        Ok(kept)
    }

    /// HMAC-SHA-256 of `text` for one purpose, as text.
    pub(crate) fn derive(&self, purpose: &str, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.derive_bytes(purpose, text))
    }

    /// HMAC-SHA-256 of `text` for one purpose.
    pub(crate) fn derive_bytes(&self, purpose: &str, text: &str) -> [u8; 32] {
        let mut mac = self.mac.clone();
        mac.update(purpose.as_bytes());
        mac.update(b"\0");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }
}
