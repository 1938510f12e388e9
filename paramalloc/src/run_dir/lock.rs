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
    /// Takes the lock `path`; `None` if another process holds it. On a
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
            Err(TryLockError::Error(e)) if has_no_locks(&e) => Ok(Some(Self { _file: file })),
            Err(TryLockError::Error(e)) => Err(Error::io("lock", path)(e)),
        }
    }
}

/// True if another process holds the lock `path`. Where there is no such file, or
/// are no locks, none does.
pub fn is_taken(path: &Path) -> bool {
    let file = File::open(path);
    file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// True if a file system says that it has no locks: `ENOSYS` or `EOPNOTSUPP`,
/// or what NFS without a lock service says, `ENOLCK` and on Linux also
/// `ENOTSUPP` (524), which Rust gives no kind.
fn has_no_locks(error: &io::Error) -> bool {
    let codes: &[i32] = match cfg!(target_os = "linux") {
        true => &[37, 524],
        false if cfg!(target_os = "macos") => &[77],
        false => &[],
    };
    let is_listed = error
        .raw_os_error()
        .is_some_and(|code| codes.contains(&code));
    is_listed || error.kind() == io::ErrorKind::Unsupported
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_systems_without_locks_are_told_from_other_errors() {
        if cfg!(target_os = "linux") {
            // ENOLCK, ENOSYS, EOPNOTSUPP and ENOTSUPP.
            for code in [37, 38, 95, 524] {
                assert!(has_no_locks(&io::Error::from_raw_os_error(code)), "{code}");
            }
            assert!(!has_no_locks(&io::Error::from_raw_os_error(5)), "EIO");
        }
    }
}
