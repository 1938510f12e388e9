//! An image that a table names.

use std::path::PathBuf;

use paramalloc_core::text;
use thiserror::Error;

use super::DataError;
use super::shown::shown;

/// An image that a table names cannot be used.
#[derive(Debug, Error)]
#[error(
    "{} names an image in line {line}, column `{}`, that cannot be used: {source}",
    shown(path),
    text::name(column)
)]
#[non_exhaustive]
pub struct TableImageError {
    /// The table.
    pub path: PathBuf,
    /// The line, counted from 1 with the header.
    pub line: u64,
    /// Name of the column.
    pub column: String,
    /// What is wrong with the file, which it names.
    pub source: Box<DataError>,
}
