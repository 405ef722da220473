//! The file of the master key: a key a line, replaced as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, chown};
use std::path::{Path, PathBuf};

use erpmax_core::MasterKey;
use erpmax_core::secrets::is_random;

use crate::failure::Failure;

/// The keys in the file, the sealing one first.
pub(crate) fn read(path: &Path) -> Result<Vec<String>, Failure> {
    let text = fs::read_to_string(path).map_err(|error| unusable(path, &error))?;
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(ToOwned::to_owned).collect())
}

/// The master key that the file holds.
pub(crate) fn load(path: &Path) -> Result<MasterKey, Failure> {
    MasterKey::from_file(path).map_err(|error| unusable(path, &error))
}

/// Why the file's keys protect little, each with what to do.
pub(crate) fn weaknesses(path: &Path) -> Vec<String> {
    let shown = path.display();
    if let Err(error) = MasterKey::from_file(path) {
        return vec![format!(
            "the file {shown} cannot be used: {error:#}; put it back from your copy, or, for a new installation, make \
             one with `erpmax secrets create {shown}`"
        )];
    }
    let mut weaknesses = Vec::new();
    if is_open_to_others(path) {
        weaknesses.push(format!("others than its owner may read {shown}; run `chmod 600 {shown}`"));
    }
    if read(path).is_ok_and(|keys| keys.iter().any(|key| !is_random(key))) {
        weaknesses.push(format!(
            "a key in {shown} was not made by chance and can be guessed; run `erpmax secrets rotate`, which makes another"
        ));
    }
    weaknesses
}

/// Whether anybody but the owner may read or write a file. What systemd hands over is shown as readable by a group when an
/// access list lets the service read it.
pub(crate) fn is_open_to_others(path: &Path) -> bool {
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    let is_credential = credentials.is_some_and(|folder| path.starts_with(folder));
    let forbidden = if is_credential { 0o027 } else { 0o077 };
    path.metadata().is_ok_and(|metadata| metadata.mode() & forbidden != 0)
}

/// Puts `keys` in the place of what the file holds; it keeps its owner.
///
/// Written under another name first, so that a crash leaves the old file or the new one.
pub(crate) fn write(path: &Path, keys: &[String]) -> Result<(), Failure> {
    replace(path, keys).map_err(|error| unusable(path, &error))
}

/// That a key file cannot be used, and why.
pub(crate) fn unusable(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::wrong(format!("the master key file {} cannot be used: {error}", path.display()))
}

fn replace(path: &Path, keys: &[String]) -> std::io::Result<()> {
    // A link stays a link.
    let path = if path.exists() { path.canonicalize()? } else { path.to_owned() };
    let draft = draft_of(&path);
    let mut file = private_file().truncate(true).open(&draft)?;
    for key in keys {
        writeln!(file, "{key}")?;
    }
    file.sync_all()?;
    if let Ok(old) = fs::metadata(&path)
        && old.uid() != file.metadata()?.uid()
    {
        chown(&draft, Some(old.uid()), Some(old.gid()))?;
    }
    fs::rename(&draft, &path)?;
    // The name must be on the disk before the database holds anything that only this key opens.
    sync_folder_of(&path)
}

fn draft_of(path: &Path) -> PathBuf {
    path.with_extension("draft")
}

/// Makes what happened to the names in a file's folder last.
pub(crate) fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// For a file that its owner alone may read.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).mode(0o600);
    options
}
