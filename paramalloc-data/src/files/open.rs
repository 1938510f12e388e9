//! Opening what is a file, and nothing else.

use std::fs::{self, File, FileType};
use std::io;
use std::path::Path;

use crate::error::{DataError, FileKind};

/// Opens a file to read it.
///
/// # Errors
/// If it is something else, which is named: opening a named pipe would wait
/// for a writer, and reading a device may never end.
pub(crate) fn open(path: &Path) -> Result<File, DataError> {
    if let Some(kind) = checked_kind(path)? {
        return Err(DataError::NotAFile {
            path: path.to_owned(),
            kind,
        });
    }
    File::open(path).map_err(|source| DataError::Read {
        path: path.to_owned(),
        source,
    })
}

/// True if there is something at `path`, be it a symbolic link that leads
/// nowhere.
pub(crate) fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// What is at `path`, where symbolic links lead; `None` if it is a file.
///
/// # Errors
/// If there is nothing, or the file system does not say what.
pub(crate) fn checked_kind(path: &Path) -> Result<Option<FileKind>, DataError> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(kind(metadata.file_type())),
        Err(error) if error.kind() == io::ErrorKind::NotFound && path.is_symlink() => {
            Ok(Some(FileKind::BrokenLink))
        }
        Err(source) => Err(DataError::Read {
            path: path.to_owned(),
            source,
        }),
    }
}

fn kind(found: FileType) -> Option<FileKind> {
    if found.is_file() {
        return None;
    }
    if found.is_dir() {
        return Some(FileKind::Directory);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if found.is_fifo() {
            return Some(FileKind::Pipe);
        }
        if found.is_socket() {
            return Some(FileKind::Socket);
        }
        if found.is_char_device() || found.is_block_device() {
            return Some(FileKind::Device);
        }
    }
    Some(FileKind::Other)
}
