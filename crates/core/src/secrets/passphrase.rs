//! Files sealed by a passphrase: Argon2id makes the key, XChaCha20-Poly1305 seals chunk after chunk.
//!
//! A sealed file begins with a random prefix of 19 bytes. Chunk n has the nonce *prefix, n (4 bytes), 1 if it is the last*, so
//! that chunks can neither be left out nor change places, and the end cannot be cut off.

use std::io::{self, Read, Write};

use anyhow::{anyhow, bail};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};

const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;
const PREFIX: usize = 19;
/// What a stranger's file may make us spend.
const MOST_KIBIBYTES: u32 = 1024 * 1024;
const MOST_ROUNDS: u32 = 16;

/// How a passphrase becomes a key; kept beside what is sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretching {
    /// Memory that Argon2id takes.
    pub kibibytes: u32,
    /// Its rounds.
    pub rounds: u32,
    /// Its salt, in base64url.
    pub salt: String,
}

impl Stretching {
    /// For a new file.
    pub fn generate() -> Self {
        Self { kibibytes: 64 * 1024, rounds: 3, salt: URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()) }
    }

    /// The key that a passphrase makes; slow on purpose.
    pub fn key(&self, passphrase: &str) -> anyhow::Result<PassphraseKey> {
        if self.kibibytes > MOST_KIBIBYTES || self.rounds > MOST_ROUNDS {
            bail!("the passphrase would have to be stretched beyond measure");
        }
        let params = Params::new(self.kibibytes, self.rounds, 1, Some(32)).map_err(|error| anyhow!("{error}"))?;
        let salt = URL_SAFE_NO_PAD.decode(&self.salt)?;
        let mut key = [0; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), &salt, &mut key)
            .map_err(|error| anyhow!("the passphrase cannot be stretched: {error}"))?;
        Ok(PassphraseKey { cipher: XChaCha20Poly1305::new(&key.into()) })
    }
}

/// Seals and opens files.
#[derive(Clone)]
pub struct PassphraseKey {
    cipher: XChaCha20Poly1305,
}

impl PassphraseKey {
    /// Seals what is written and passes it on; `context` says what it belongs to, and opens nothing else.
    pub fn sealer<W: Write>(&self, context: &[u8], mut to: W) -> io::Result<Sealer<W>> {
        let prefix = rand::random::<[u8; PREFIX]>();
        to.write_all(&prefix)?;
        let chunks = Chunks { cipher: self.cipher.clone(), context: context.to_vec(), prefix, number: 0 };
        Ok(Sealer { chunks, waiting: Vec::with_capacity(CHUNK), to })
    }

    /// Opens what a [`Sealer`] wrote for the same `context`.
    pub fn opener<R: Read>(&self, context: &[u8], mut from: R) -> io::Result<Opener<R>> {
        let mut prefix = [0; PREFIX];
        from.read_exact(&mut prefix)?;
        let chunks = Chunks { cipher: self.cipher.clone(), context: context.to_vec(), prefix, number: 0 };
        Ok(Opener { chunks, from, ahead: Vec::new(), open: Vec::new(), position: 0, has_ended: false })
    }
}

struct Chunks {
    cipher: XChaCha20Poly1305,
    context: Vec<u8>,
    prefix: [u8; PREFIX],
    number: u32,
}

impl Chunks {
    fn next_nonce(&mut self, is_last: bool) -> io::Result<XNonce> {
        let mut nonce = [0; PREFIX + 5];
        nonce[..PREFIX].copy_from_slice(&self.prefix);
        nonce[PREFIX..PREFIX + 4].copy_from_slice(&self.number.to_be_bytes());
        nonce[PREFIX + 4] = u8::from(is_last);
        self.number =
            self.number.checked_add(1).ok_or_else(|| io::Error::other("the file is too long to be sealed"))?;
        Ok(XNonce::from(nonce))
    }

    fn seal(&mut self, chunk: &[u8], is_last: bool) -> io::Result<Vec<u8>> {
        let nonce = self.next_nonce(is_last)?;
        let sealed = self.cipher.encrypt(&nonce, Payload { msg: chunk, aad: &self.context });
        sealed.map_err(|_| io::Error::other("the file cannot be sealed"))
    }

    fn open(&mut self, chunk: &[u8], is_last: bool) -> io::Result<Vec<u8>> {
        let nonce = self.next_nonce(is_last)?;
        let open = self.cipher.decrypt(&nonce, Payload { msg: chunk, aad: &self.context });
        open.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the passphrase is wrong or the file is damaged"))
    }
}

/// Seals what is written to it. Only [`Sealer::finish`] makes it whole.
pub struct Sealer<W> {
    chunks: Chunks,
    waiting: Vec<u8>,
    to: W,
}

impl<W: Write> Sealer<W> {
    /// Writes the last chunk.
    pub fn finish(mut self) -> io::Result<W> {
        let sealed = self.chunks.seal(&self.waiting, true)?;
        self.to.write_all(&sealed)?;
        Ok(self.to)
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits for more: the last one is sealed as such.
        if self.waiting.len() == CHUNK {
            let sealed = self.chunks.seal(&self.waiting, false)?;
            self.to.write_all(&sealed)?;
            self.waiting.clear();
        }
        let taken = bytes.len().min(CHUNK - self.waiting.len());
        self.waiting.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Reads what a [`Sealer`] wrote. Nothing is given out that was not proven.
pub struct Opener<R> {
    chunks: Chunks,
    from: R,
    ahead: Vec<u8>,
    open: Vec<u8>,
    position: usize,
    has_ended: bool,
}

impl<R: Read> Opener<R> {
    /// A chunk is the last one when nothing follows it, so one byte more than a chunk is looked at.
    fn next_chunk(&mut self) -> io::Result<()> {
        let wanted = CHUNK + TAG + 1 - self.ahead.len();
        self.from.by_ref().take(wanted as u64).read_to_end(&mut self.ahead)?;
        self.has_ended = self.ahead.len() <= CHUNK + TAG;
        let length = self.ahead.len().min(CHUNK + TAG);
        self.open = self.chunks.open(&self.ahead[..length], self.has_ended)?;
        self.position = 0;
        self.ahead.drain(..length);
        Ok(())
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.position == self.open.len() && !self.has_ended {
            self.next_chunk()?;
        }
        let read = buffer.len().min(self.open.len() - self.position);
        buffer[..read].copy_from_slice(&self.open[self.position..self.position + read]);
        self.position += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(passphrase: &str) -> PassphraseKey {
        let stretching = Stretching { kibibytes: 64, rounds: 1, salt: "c2FsdHNhbHRzYWx0".to_owned() };
        stretching.key(passphrase).expect("a passphrase makes a key")
    }

    fn seal(content: &[u8]) -> Vec<u8> {
        let mut sealer = key("correct horse").sealer(b"file", Vec::new()).expect("sealing works");
        sealer.write_all(content).expect("sealing works");
        sealer.finish().expect("sealing works")
    }

    fn open(passphrase: &str, context: &[u8], sealed: &[u8]) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        key(passphrase).opener(context, sealed)?.read_to_end(&mut content).map(|_| content)
    }

    #[test]
    fn files_of_every_length_around_a_chunk_come_back() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 7] {
            let content: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap_or(0)).collect();
            let opened = open("correct horse", b"file", &seal(&content));
            assert_eq!(opened.ok(), Some(content), "{length} bytes");
        }
    }

    #[test]
    fn another_passphrase_or_another_file_opens_nothing() {
        let sealed = seal(b"content");
        assert!(open("wrong horse", b"file", &sealed).is_err());
        assert!(open("correct horse", b"other", &sealed).is_err());
    }

    #[test]
    fn what_was_cut_off_changed_or_moved_does_not_open() {
        let sealed = seal(&vec![7; 3 * CHUNK]);
        for length in [0, PREFIX, PREFIX + CHUNK + TAG, PREFIX + 2 * (CHUNK + TAG), sealed.len() - 1] {
            assert!(open("correct horse", b"file", &sealed[..length]).is_err(), "{length} bytes");
        }
        let mut changed = sealed.clone();
        changed[PREFIX + 5] ^= 1;
        assert!(open("correct horse", b"file", &changed).is_err());
        let (first, rest) = sealed[PREFIX..].split_at(CHUNK + TAG);
        let (second, last) = rest.split_at(CHUNK + TAG);
        let moved = [&sealed[..PREFIX], second, first, last].concat();
        assert!(open("correct horse", b"file", &moved).is_err());
    }
}
