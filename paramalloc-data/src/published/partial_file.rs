//! The temporary file that a download grows in.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::files::sha256_hex;
use crate::observer::Observer;

/// A file on its way, locked against other processes that download it too.
pub(super) struct PartialFile {
    path: PathBuf,
    file: File,
}

impl PartialFile {
    pub(super) fn open(path: &Path, observer: &mut dyn Observer) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                observer.message(&format!(
                    "another process is downloading {}; waiting for it",
                    path.display()
                ));
                file.lock()?;
            }
            // Some network file systems have no locks; downloads still work
            // there, one at a time, and the SHA-256 tells if two collide.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    pub(super) fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Keeps the first `len` bytes, to write behind them.
    pub(super) fn cut(&mut self, len: u64) -> io::Result<()> {
        self.file.set_len(len)?;
        self.file.seek(SeekFrom::Start(len))?;
        Ok(())
    }

    /// Writes behind what [`Self::cut`] and earlier calls left.
    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    pub(super) fn sha256(&mut self) -> io::Result<String> {
        self.file.seek(SeekFrom::Start(0))?;
        let mut bytes = Vec::new();
        self.file.read_to_end(&mut bytes)?;
        Ok(sha256_hex(&bytes))
    }

    /// Leaves nothing behind where nothing came. A failure is no matter: an
    /// empty file only lies there until the next download.
    pub(super) fn discard_if_empty(self) {
        if self.len().is_ok_and(|len| len == 0) {
            let _ = fs::remove_file(&self.path);
        }
    }

    /// Gives the whole file its name.
    pub(super) fn install(self, target: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, target)
    }
}
