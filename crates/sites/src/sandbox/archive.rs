//! Archives of sites: a `tar.gz` that begins with `manifest.json`, which lists every file with its SHA-256.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use erpmax_types::SiteId;
use erpmax_types::runner::LeasedSite;
use erpmax_types::site_name::SiteName;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{create, delete, files};
use crate::hexadecimal::hexadecimal;

const MANIFEST: &str = "manifest.json";
/// The key is the control plane's to give, and a saved site is not a closed one.
const LEFT_OUT: &[&str] = &[create::KEY, delete::CLOSED];

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    site: SiteName,
    site_id: SiteId,
    files: Vec<Entry>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    path: String,
    bytes: u64,
    sha256: String,
}

/// Writes a site's files into a new archive.
pub(super) fn pack(folder: &Path, site: &LeasedSite, archive: &Path) -> io::Result<()> {
    let mut files = Vec::new();
    list(folder, folder, &mut files)?;
    let manifest = Manifest { format: 1, site: site.name.clone(), site_id: site.id, files };
    let file = BufWriter::new(files::create_private(archive)?);
    let mut tar = tar::Builder::new(GzEncoder::new(file, Compression::default()));
    append_manifest(&mut tar, &manifest)?;
    for entry in &manifest.files {
        tar.append_file(&entry.path, &mut File::open(folder.join(&entry.path))?)?;
    }
    let mut file = tar.into_inner()?.finish()?;
    file.flush()?;
    file.get_ref().sync_all()
}

/// Reads a whole archive and compares every file with the manifest.
pub(super) fn verify(archive: &Path) -> io::Result<()> {
    let mut tar = tar::Archive::new(GzDecoder::new(BufReader::new(File::open(archive)?)));
    let mut entries = tar.entries()?;
    let manifest = entries.next().ok_or_else(|| damaged("it is empty"))??;
    let manifest: Manifest = serde_json::from_reader(manifest)?;
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        let (bytes, sha256) = digest(entry)?;
        found.push(Entry { path, bytes, sha256 });
    }
    // The checksum of the compressed stream comes after the last entry.
    io::copy(&mut tar.into_inner(), &mut io::sink())?;
    if found == manifest.files { Ok(()) } else { Err(damaged("its files are not those of its manifest")) }
}

/// A file's size and SHA-256.
pub(super) fn measure(path: &Path) -> io::Result<(u64, String)> {
    digest(BufReader::new(File::open(path)?))
}

fn list(root: &Path, folder: &Path, found: &mut Vec<Entry>) -> io::Result<()> {
    for path in files::entries(folder)? {
        if path.is_dir() {
            list(root, &path, found)?;
            continue;
        }
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        if !LEFT_OUT.contains(&name.as_str()) {
            let (bytes, sha256) = measure(&path)?;
            found.push(Entry { path: name, bytes, sha256 });
        }
    }
    Ok(())
}

fn append_manifest(tar: &mut tar::Builder<impl Write>, manifest: &Manifest) -> io::Result<()> {
    let contents = serde_json::to_vec_pretty(manifest)?;
    let mut header = tar::Header::new_gnu();
    header.set_size(contents.len() as u64);
    header.set_mode(0o600);
    tar.append_data(&mut header, MANIFEST, contents.as_slice())
}

fn digest(mut from: impl Read) -> io::Result<(u64, String)> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut bytes = 0;
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok((bytes, hexadecimal(&hasher.finalize())));
        }
        hasher.update(&buffer[..read]);
        bytes += read as u64;
    }
}

fn damaged(how: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the archive is damaged: {how}"))
}
