//! Secrets: the master key that seals what the database keeps, random tokens and their hashes.

use anyhow::{Context, anyhow};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use erpmax_store::{Store, installation};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

const NONCE_BYTES: usize = 24;

/// The installation's master key. It seals secrets kept in the database and never goes there itself.
#[derive(Clone)]
pub struct MasterKey {
    cipher: XChaCha20Poly1305,
}

impl MasterKey {
    /// From the text of a key file: 32 bytes in base64url, white space around it ignored.
    pub fn from_text(text: &str) -> anyhow::Result<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).context("the master key is not base64url")?;
        let cipher =
            XChaCha20Poly1305::new_from_slice(&bytes).map_err(|_| anyhow!("the master key is not 32 bytes"))?;
        Ok(Self { cipher })
    }

    /// The text of a new key file.
    pub fn generate_text() -> String {
        URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
    }

    /// Seals `secret` for the place `place` (table, row) and no other.
    pub(crate) fn seal(&self, place: &str, secret: &[u8]) -> anyhow::Result<String> {
        let nonce = rand::random::<[u8; NONCE_BYTES]>();
        let payload = Payload { msg: secret, aad: place.as_bytes() };
        let sealed =
            self.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| anyhow!("a secret cannot be sealed"))?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens what was sealed for `place`.
    pub(crate) fn open(&self, place: &str, sealed: &str) -> anyhow::Result<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).context("a sealed secret is not base64url")?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>().context("a sealed secret is too short")?;
        let payload = Payload { msg: sealed, aad: place.as_bytes() };
        self.cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| anyhow!("the master key does not fit this database ({place})"))
    }
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
        let mut mac = self.mac.clone();
        mac.update(purpose.as_bytes());
        mac.update(b"\0");
        mac.update(text.as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_only_in_its_place() {
        let master = MasterKey::from_text(&MasterKey::generate_text()).expect("a generated key is good");
        let sealed = master.seal("sites/1", b"secret").expect("sealing works");
        assert_eq!(master.open("sites/1", &sealed).ok().as_deref(), Some(b"secret".as_slice()));
        assert!(master.open("sites/2", &sealed).is_err());
    }
}
