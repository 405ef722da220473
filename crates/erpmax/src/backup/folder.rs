//! The folder of backups: who writes into it, what lies in it, and what is kept.

use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::archive;
use super::manifest::{Manifest, Reason};
use crate::data::lock;
use crate::failure::Failure;

const ENDING: &str = "backup";
/// What a backup under way is called; what bears the name and is not under way was cut off.
const PARTIAL: &str = "partial";

/// A backup that lies in a folder.
pub(crate) struct Backup {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    pub(crate) manifest: Option<Manifest>,
    /// Why the manifest cannot be read.
    pub(crate) problem: Option<String>,
}

impl Backup {
    /// The file's name.
    pub(crate) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// The backups in a folder, newest first.
pub(crate) fn list(folder: &Path) -> Result<Vec<Backup>, Failure> {
    let mut backups: Vec<Backup> = files(folder)?.into_iter().map(read).collect();
    backups.sort_by_key(|backup| {
        let created_at = backup.manifest.as_ref().map(|manifest| manifest.created_at);
        (std::cmp::Reverse(created_at), backup.name())
    });
    Ok(backups)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(Failure::wrong(format!("the folder of backups {} cannot be read: {error}", folder.display())));
        }
    };
    let paths = entries.flatten().map(|entry| entry.path());
    Ok(paths.filter(|path| path.extension().is_some_and(|ending| ending == ENDING) && path.is_file()).collect())
}

fn read(path: PathBuf) -> Backup {
    let bytes = path.metadata().map_or(0, |file| file.len());
    match archive::manifest(&path) {
        Ok(manifest) => Backup { path, bytes, manifest: Some(manifest), problem: None },
        Err(failure) => Backup { path, bytes, manifest: None, problem: Some(failure.to_string()) },
    }
}

/// A name that is free for a backup made at a moment: a second one of the same second is numbered.
pub(super) fn free_name(folder: &Path, reason: Reason, stamp: &str) -> PathBuf {
    let name = |number: u32| {
        let number = if number > 1 { format!("-{number}") } else { String::new() };
        folder.join(format!("{}{stamp}{number}.{ENDING}", reason.prefix()))
    };
    (1..1_000).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(1_000))
}

/// Makes the folder if it is missing, takes it, and removes what was cut off.
pub(super) fn take(folder: &Path) -> Result<File, Failure> {
    let unusable = |error| unwritable(folder, &error);
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unusable)?;
    let busy = || format!("another backup is being made in {}; let it end", folder.display());
    let lock = lock(&folder.join(".lock"), busy, unusable)?;
    for entry in fs::read_dir(folder).map_err(unusable)?.flatten() {
        if entry.path().extension().is_some_and(|ending| ending == PARTIAL) {
            fs::remove_dir_all(entry.path()).map_err(unusable)?;
        }
    }
    Ok(lock)
}

/// Removes all but the newest backups of a kind.
pub(super) fn prune(folder: &Path, reason: Reason, keep: usize) -> Result<(), Failure> {
    let is_of_kind = |backup: &Backup| backup.manifest.as_ref().is_some_and(|manifest| manifest.reason == reason);
    for backup in list(folder)?.into_iter().filter(is_of_kind).skip(keep) {
        fs::remove_file(&backup.path).map_err(|error| unwritable(folder, &error))?;
    }
    Ok(())
}

/// A private folder beside the backup for as long as it is made; gone with this.
pub(super) struct Workshop(PathBuf);

impl Workshop {
    pub(super) fn beside(backup: &Path) -> Result<Self, Failure> {
        let path = backup.with_extension(PARTIAL);
        DirBuilder::new().mode(0o700).create(&path).map_err(|error| unwritable(&path, &error))?;
        Ok(Self(path))
    }

    pub(super) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next backup.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// That a backup cannot be written, and why.
pub(super) fn unwritable(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::wrong(format!("the backup cannot be written to {}: {error}", path.display()))
}
