//! The file of a backup: a tar with `manifest.json` first and `SHA256SUMS` last, which `sha256sum --check` understands.
//! Entries of a length that is not known before are written as they come.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use data_encoding::HEXLOWER;
use erpmax_core::secrets::passphrase::PassphraseKey;
use sha2::{Digest as _, Sha256};

use super::manifest::{FORMAT, Manifest};
use crate::failure::Failure;

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const KEYRING: &str = "master.key";
const SUMS: &str = "SHA256SUMS";
const SEALED: &str = ".sealed";
const BLOCK: usize = 512;
/// More than any manifest or key file has.
const SMALL: u64 = 1024 * 1024;

/// Writes an archive.
pub(super) struct Writer {
    file: File,
    sums: String,
    created_at: u64,
    seal: Option<Seal>,
}

/// What seals the entries behind the manifest, bound to it.
struct Seal {
    key: PassphraseKey,
    manifest: [u8; 32],
}

impl Seal {
    fn new(key: PassphraseKey, manifest: &[u8]) -> Self {
        Self { key, manifest: Sha256::digest(manifest).into() }
    }

    fn context(&self, name: &str) -> Vec<u8> {
        [&self.manifest, name.as_bytes()].concat()
    }
}

impl Writer {
    /// Begins with the manifest; `key` seals what follows.
    pub(super) fn begin(file: File, manifest: &Manifest, key: Option<PassphraseKey>) -> io::Result<Self> {
        let text = serde_json::to_vec_pretty(manifest)?;
        let created_at = u64::try_from(manifest.created_at.as_seconds()).unwrap_or(0);
        let mut writer = Self { file, sums: String::new(), created_at, seal: None };
        writer.raw(MANIFEST, |entry| entry.write_all(&text))?;
        writer.seal = key.map(|key| Seal::new(key, &text));
        Ok(writer)
    }

    /// Adds an entry, sealed if the archive is.
    pub(super) fn entry(&mut self, name: &str, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let Some(seal) = self.seal.take() else { return self.raw(name, |entry| fill(entry)) };
        let written = self.raw(&format!("{name}{SEALED}"), |entry| {
            let mut sealer = seal.key.sealer(&seal.context(name), entry)?;
            fill(&mut sealer)?;
            sealer.finish().map(drop)
        });
        self.seal = Some(seal);
        written
    }

    /// Ends the archive and makes it last.
    pub(super) fn finish(mut self) -> io::Result<()> {
        let sums = std::mem::take(&mut self.sums);
        self.raw(SUMS, |entry| entry.write_all(sums.as_bytes()))?;
        self.file.write_all(&[0; 2 * BLOCK])?;
        self.file.sync_all()
    }

    /// The header is written once more when the length is known.
    fn raw(&mut self, name: &str, fill: impl FnOnce(&mut Counted<'_>) -> io::Result<()>) -> io::Result<()> {
        let begin = self.file.stream_position()?;
        self.file.write_all(&[0; BLOCK])?;
        let mut counted = Counted { file: &mut self.file, hash: Sha256::new(), bytes: 0 };
        fill(&mut counted)?;
        let (bytes, hash) = (counted.bytes, counted.hash);
        let rest = bytes.next_multiple_of(BLOCK as u64) - bytes;
        io::copy(&mut io::repeat(0).take(rest), &mut self.file)?;
        let end = self.file.stream_position()?;
        self.file.seek(SeekFrom::Start(begin))?;
        self.file.write_all(header(name, bytes, self.created_at)?.as_bytes())?;
        self.file.seek(SeekFrom::Start(end))?;
        self.sums.push_str(&sum_line(name, hash));
        Ok(())
    }
}

fn header(name: &str, bytes: u64, at: u64) -> io::Result<tar::Header> {
    let mut header = tar::Header::new_gnu();
    header.set_path(name)?;
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_mtime(at);
    header.set_entry_type(tar::EntryType::Regular);
    header.set_cksum();
    Ok(header)
}

fn sum_line(name: &str, hash: Sha256) -> String {
    HEXLOWER.encode(&hash.finalize()) + "  " + name + "\n"
}

struct Counted<'a> {
    file: &'a mut File,
    hash: Sha256,
    bytes: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The manifest of an archive, without a look at the rest.
pub(super) fn manifest(path: &Path) -> Result<Manifest, Failure> {
    manifest_with_text(path).map(|(manifest, _)| manifest)
}

fn manifest_with_text(path: &Path) -> Result<(Manifest, Vec<u8>), Failure> {
    let mut tar = open(path)?;
    let first = tar.entries().and_then(|mut entries| entries.next().transpose());
    let mut text = Vec::new();
    match first.map_err(|error| damaged(path, &error))? {
        Some(entry) if entry.path_bytes().as_ref() == MANIFEST.as_bytes() => {
            entry.take(SMALL).read_to_end(&mut text).map_err(|error| damaged(path, &error))?;
        }
        _ => return Err(damaged(path, &"it does not begin like a backup")),
    }
    let document: serde_json::Value = serde_json::from_slice(&text).map_err(|error| damaged(path, &error))?;
    match document["format"].as_u64() {
        Some(format) if format > u64::from(FORMAT) => Err(Failure::wrong(format!(
            "the backup {} was written by a newer version (format {format}); use that version",
            path.display()
        ))),
        _ => Ok((serde_json::from_value(document).map_err(|error| damaged(path, &error))?, text)),
    }
}

/// Reads the whole archive and compares each entry with its sum.
pub(super) fn check_sums(path: &Path) -> Result<(), Failure> {
    let (found, expected) = sums(path).map_err(|error| damaged(path, &error))?;
    match expected {
        None => Err(damaged(path, &"it ends too early")),
        Some(expected) if expected == found => Ok(()),
        Some(_) => Err(damaged(path, &"its contents are not those that were written")),
    }
}

fn sums(path: &Path) -> io::Result<(String, Option<String>)> {
    let mut tar = tar::Archive::new(File::open(path)?);
    let mut found = String::new();
    for entry in tar.entries()? {
        let mut entry = entry?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if name == SUMS {
            let mut expected = String::new();
            entry.take(SMALL).read_to_string(&mut expected)?;
            return Ok((found, Some(expected)));
        }
        let mut hash = Sha256::new();
        let (mut buffer, mut bytes) = (vec![0; 64 * 1024], 0);
        loop {
            let read = entry.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            hash.update(&buffer[..read]);
            bytes += read as u64;
        }
        if bytes != entry.header().size()? {
            return Ok((found, None));
        }
        found.push_str(&sum_line(&name, hash));
    }
    Ok((found, None))
}

/// Hands the entry `name`, opened, to `take`; false if there is none. `passphrase` is asked of sealed archives.
pub(super) fn read_entry(
    path: &Path,
    passphrase: Option<&str>,
    name: &str,
    take: impl FnOnce(&mut dyn Read) -> Result<(), Failure>,
) -> Result<bool, Failure> {
    let (manifest, text) = manifest_with_text(path)?;
    let stored = if manifest.sealed.is_some() { format!("{name}{SEALED}") } else { name.to_owned() };
    let mut tar = open(path)?;
    for entry in tar.entries().map_err(|error| damaged(path, &error))? {
        let mut entry = entry.map_err(|error| damaged(path, &error))?;
        if entry.path_bytes().as_ref() != stored.as_bytes() {
            continue;
        }
        let Some(stretching) = &manifest.sealed else { return take(&mut entry).map(|()| true) };
        let passphrase = passphrase.ok_or_else(|| needs_passphrase(path))?;
        let key = stretching.key(passphrase).map_err(|error| damaged(path, &error))?;
        let context = Seal::new(key.clone(), &text).context(name);
        let mut opener = key.opener(&context, entry).map_err(|error| damaged(path, &error))?;
        return take(&mut opener).map(|()| true);
    }
    Ok(false)
}

/// Whether the passphrase opens the archive: its first sealed entry is tried.
pub(super) fn check_passphrase(path: &Path, passphrase: Option<&str>) -> Result<(), Failure> {
    let wrong = |_| Failure::wrong(format!("the passphrase does not open the backup {}", path.display()));
    read_entry(path, passphrase, KEYRING, |entry| io::copy(entry, &mut io::sink()).map(drop).map_err(wrong)).map(drop)
}

fn open(path: &Path) -> Result<tar::Archive<File>, Failure> {
    let file = File::open(path)
        .map_err(|error| Failure::wrong(format!("the backup {} cannot be read: {error}", path.display())))?;
    Ok(tar::Archive::new(file))
}

pub(super) fn needs_passphrase(path: &Path) -> Failure {
    Failure::wrong(format!(
        "the backup {} is sealed; give its passphrase by ERPMAX_BACKUP_PASSPHRASE or --passphrase-stdin",
        path.display()
    ))
}

/// That an archive is not as it was written.
pub(super) fn damaged(path: &Path, how: &dyn std::fmt::Display) -> Failure {
    Failure::wrong(format!("the backup {} is damaged: {how}", path.display()))
}
