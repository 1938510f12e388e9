//! Listing directories.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::DataError;

/// Names and paths in a directory in order of the names, without hidden ones.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn entries(directory: &Path) -> Result<Vec<(String, PathBuf)>, DataError> {
    let cannot_read = |source| DataError::Read {
        path: directory.to_owned(),
        source,
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).map_err(cannot_read)? {
        let entry = entry.map_err(cannot_read)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            found.push((name, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}
