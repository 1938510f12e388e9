//! Files in memory.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::open::open;
use crate::error::DataError;

/// The most bytes of a file that is read as a whole.
const MAX_BYTES: u64 = 1 << 30;

/// A file in memory.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LocalFile {
    /// Where it was read from.
    pub path: PathBuf,
    /// Its content.
    pub bytes: Vec<u8>,
    /// SHA-256 of the content in lower-case hexadecimal.
    pub sha256: String,
}

impl LocalFile {
    /// The file at `path` with this content.
    pub(crate) fn new(path: PathBuf, bytes: Vec<u8>) -> Self {
        Self {
            path,
            sha256: sha256_hex(&bytes),
            bytes,
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// If there is no regular file, it has more than 1 GiB, or cannot be read.
    pub fn read(path: PathBuf) -> Result<Self, DataError> {
        let mut bytes = Vec::new();
        let read = open(&path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes);
        match read {
            Ok(len) if len as u64 > MAX_BYTES => Err(DataError::TooLarge {
                bytes: std::fs::metadata(&path).map_or(len as u64, |file| file.len()),
                path,
                content: "bytes",
                limit: MAX_BYTES,
            }),
            Ok(_) => Ok(Self::new(path, bytes)),
            Err(source) => Err(DataError::Read { path, source }),
        }
    }
}

/// SHA-256 of a whole file in lower-case hexadecimal; the file is then at its
/// beginning.
pub(crate) fn sha256_of(file: &mut File, path: &Path) -> Result<String, DataError> {
    let mut sum = Sha256::new();
    let mut hash = || -> io::Result<()> {
        let mut block = vec![0; 1 << 16];
        loop {
            match file.read(&mut block)? {
                0 => break,
                len => sum.update(&block[..len]),
            }
        }
        file.seek(SeekFrom::Start(0)).map(drop)
    };
    hash().map_err(|source| DataError::Read {
        path: path.to_owned(),
        source,
    })?;
    Ok(hex(&sum.finalize()))
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
