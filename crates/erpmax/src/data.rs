//! The data folder: one process at a time, readable by its owner alone.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use erpmax_core::MasterKey;

use crate::configuration::Configuration;
use crate::failure::Failure;

/// The data folder, for as long as this lives.
pub(crate) struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Makes the folder if it is missing, and takes it.
    pub(crate) fn take(configuration: &Configuration) -> Result<Self, Failure> {
        let wanted = &configuration.data;
        let unusable =
            |error| Failure::wrong(format!("the data folder {} cannot be written: {error}", wanted.display()));
        DirBuilder::new().recursive(true).mode(0o700).create(wanted).map_err(unusable)?;
        let path = wanted.canonicalize().map_err(unusable)?;
        let lock = private_file().truncate(false).open(path.join("lock")).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Failure::wrong(format!(
                "another process uses the data folder {}; stop it, or choose another folder with --data",
                path.display()
            ))),
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The database's address: the configured one, or a file in here.
    pub(crate) fn database_url(&self, configuration: &Configuration) -> String {
        match configuration.database.url.as_str() {
            "" => format!("sqlite:{}", self.path.join("erpmax.sqlite").display()),
            url => url.to_owned(),
        }
    }

    /// The folder of sandbox sites.
    pub(crate) fn sandbox(&self, configuration: &Configuration) -> PathBuf {
        match configuration.sandbox.folder.as_str() {
            "" => self.path.join("sandbox"),
            folder => PathBuf::from(folder),
        }
    }

    /// Where the master key is: the configured file, or one in here.
    pub(crate) fn master_key_path(&self, configuration: &Configuration) -> PathBuf {
        match configuration.master_key_file.as_str() {
            "" => self.path.join("master.key"),
            given => PathBuf::from(given),
        }
    }

    /// The master key; the one in here is made at the first start.
    pub(crate) fn master_key(&self, configuration: &Configuration) -> Result<MasterKey, Failure> {
        let path = self.master_key_path(configuration);
        let unusable = |error: &dyn std::fmt::Display| {
            Failure::wrong(format!("the master key file {} cannot be used: {error}", path.display()))
        };
        if configuration.master_key_file.is_empty() && !path.exists() {
            write_key(&path).map_err(|error| unusable(&error))?;
        }
        let text = fs::read_to_string(&path).map_err(|error| unusable(&error))?;
        MasterKey::from_text(&text).map_err(|error| unusable(&error))
    }
}

/// Written under another name first, so that a crash leaves no half a key.
fn write_key(path: &Path) -> std::io::Result<()> {
    let draft = path.with_extension("draft");
    let mut file = private_file().truncate(true).open(&draft)?;
    writeln!(file, "{}", MasterKey::generate_text())?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    // The name must be on the disk before the database holds anything that only this key opens.
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).mode(0o600);
    options
}
