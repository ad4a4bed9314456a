//! One enforcer a data directory.

use std::fs::{File, OpenOptions, TryLockError, create_dir_all};
use std::path::Path;

use crate::error::StoreError;

const LOCK_FILE: &str = "leeway.lock";

/// Held while the enforcer lives. The system gives it up when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct DirectoryLock {
    _file: File,
}

impl DirectoryLock {
    /// Makes the directory if there is none, and takes it for this process alone.
    pub(crate) fn take(dir: &Path) -> Result<DirectoryLock, StoreError> {
        let unusable = |path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::Directory { path, source }
        };
        create_dir_all(dir).map_err(unusable(dir))?;
        let path = dir.join(LOCK_FILE);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(unusable(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(DirectoryLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path }),
            Err(TryLockError::Error(source)) => Err(StoreError::Directory { path, source }),
        }
    }
}
