//! A lock between processes. It dies with the process that holds it, however
//! that ends; the file stays.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use crate::error::Error;

/// A lock, released when it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock `path`, or nothing if another process holds it. On a
    /// file system without locks it is always free.
    ///
    /// # Errors
    /// [`Error::Io`] naming the file.
    pub fn take(path: &Path) -> Result<Option<Self>, Error> {
        let mut options = OpenOptions::new();
        let file = options.append(true).create(true).open(path);
        let file = file.map_err(Error::io("write", path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::Unsupported => {
                Ok(Some(Self { _file: file }))
            }
            Err(TryLockError::Error(e)) => Err(Error::io("lock", path)(e)),
        }
    }
}
