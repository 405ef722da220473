//! One process at a time: a lock on a file, which the system lets go of when its process ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use super::StoreError;

/// Held while a store is being changed; dropping it lets go.
#[derive(Debug)]
pub struct StoreLock {
    _file: Option<File>,
}

impl StoreLock {
    /// The lock of a store that no other process has.
    pub const fn none() -> Self {
        Self { _file: None }
    }

    /// Locks the file at `path`, which is made if need be; none while another process holds it.
    pub fn try_file(path: &Path) -> Result<Option<Self>, StoreError> {
        let failed = || StoreError::new(format!("{} cannot be locked", path.display()));
        let opened = OpenOptions::new().create(true).append(true).open(path);
        let file = opened.map_err(|error| failed().because(error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: Some(file) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed().because(error)),
        }
    }
}
