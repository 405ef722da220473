//! The data folder: one process at a time, readable by its owner alone.

use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use erpmax_core::MasterKey;
use erpmax_store::Store;

use crate::configuration::Configuration;
use crate::failure::Failure;
use crate::key_file::{self, private_file};

/// The data folder, for as long as this lives.
pub(crate) struct DataFolder {
    path: PathBuf,
    _lock: Option<File>,
}

impl DataFolder {
    /// Makes the folder if it is missing, and takes it.
    pub(crate) fn take(configuration: &Configuration) -> Result<Self, Failure> {
        let wanted = &configuration.data;
        let unusable =
            |error| Failure::wrong(format!("the data folder {} cannot be written: {error}", wanted.display()));
        DirBuilder::new().recursive(true).mode(0o700).create(wanted).map_err(unusable)?;
        let path = wanted.canonicalize().map_err(unusable)?;
        let busy = || {
            format!(
                "another process uses the data folder {}; stop it, or choose another folder with --data",
                path.display()
            )
        };
        let lock = lock(&path.join("lock"), busy, unusable)?;
        Ok(Self { path, _lock: Some(lock) })
    }

    /// The folder of an installation, beside whoever uses it.
    pub(crate) fn look(configuration: &Configuration) -> Result<Self, Failure> {
        let path = configuration.data.canonicalize().map_err(|error| {
            let wanted = configuration.data.display();
            Failure::wrong(format!("there is no installation in the data folder {wanted}: {error}"))
        })?;
        Ok(Self { path, _lock: None })
    }

    /// Sees to it that one process at a time does what `name` stands for.
    pub(crate) fn reserve(&self, name: &str, busy: &str) -> Result<File, Failure> {
        let path = self.path.join(name);
        let unusable = |error| Failure::wrong(format!("{} cannot be written: {error}", path.display()));
        lock(&path, || busy.to_owned(), unusable)
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

    /// The installation's database, beside a `serve` that may be using it.
    pub(crate) async fn open_store(&self, configuration: &Configuration) -> Result<Store, Failure> {
        let url = self.database_url(configuration);
        Store::open_current(&url, 1).await.map_err(|error| Failure::wrong(error.to_string()))
    }

    /// The folder of sandbox sites.
    pub(crate) fn sandbox(&self, configuration: &Configuration) -> PathBuf {
        configuration.sandbox_folder(&self.path)
    }

    /// Where the master key is: the configured file, or one in here.
    pub(crate) fn master_key_path(&self, configuration: &Configuration) -> PathBuf {
        configuration.master_key_path(&self.path)
    }

    /// The master key; the one in here is made at the first start, before the database is.
    pub(crate) fn master_key(&self, configuration: &Configuration) -> Result<MasterKey, Failure> {
        let path = self.master_key_path(configuration);
        if configuration.master_key_file.is_empty() && !path.exists() {
            self.refuse_orphan(configuration, &path)?;
            key_file::write(&path, &[MasterKey::generate_text()])?;
        }
        key_file::load(&path)
    }

    /// A new key would open nothing of a database that is there already.
    fn refuse_orphan(&self, configuration: &Configuration, key: &Path) -> Result<(), Failure> {
        let url = self.database_url(configuration);
        let file = url.strip_prefix("sqlite:").map(|file| file.trim_start_matches("//")).map(Path::new);
        match file.filter(|file| file.exists()) {
            None => Ok(()),
            Some(file) => Err(Failure::wrong(format!(
                "the database {} is there, and its master key {} is not; put it back from your copy, or restore a sealed \
                 backup",
                file.display(),
                key.display()
            ))),
        }
    }
}

/// Takes a file for this process; `busy` is what is said where another one has it.
pub(crate) fn lock(
    path: &Path,
    busy: impl FnOnce() -> String,
    unusable: impl Fn(std::io::Error) -> Failure,
) -> Result<File, Failure> {
    let file = private_file().truncate(false).open(path).map_err(&unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Failure::wrong(busy())),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}
