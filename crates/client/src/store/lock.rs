//! One at a time: a lock on a file, which the system lets go of when its process ends, or a store's own.

use std::any::Any;
use std::fs::{OpenOptions, TryLockError};
use std::path::Path;

use super::StoreError;

/// Held while a store is being changed; dropping it lets go.
pub struct StoreLock {
    _guard: Option<Box<dyn Any + Send>>,
}

impl StoreLock {
    /// The lock of a store that no other process has.
    pub const fn none() -> Self {
        Self { _guard: None }
    }

    /// The lock of a store with a way of its own to lock, which `guard` lets go of when it is dropped.
    pub fn of(guard: impl Any + Send) -> Self {
        Self { _guard: Some(Box::new(guard)) }
    }

    /// Locks the file at `path`, which is made if need be; none while another process holds it.
    pub fn try_file(path: &Path) -> Result<Option<Self>, StoreError> {
        let failed = || StoreError::new(format!("{} cannot be locked", path.display()));
        let opened = OpenOptions::new().create(true).append(true).open(path);
        let file = opened.map_err(|error| failed().because(error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self::of(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed().because(error)),
        }
    }
}
