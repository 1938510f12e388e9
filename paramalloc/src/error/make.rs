//! How errors are made where they happen.

use std::io;
use std::path::Path;

use super::Error;

impl Error {
    /// An experiment refuses its options, from a sentence or another error:
    /// the exit status is that of a wrong command line.
    pub fn refused(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Refused(error.into())
    }

    /// An error of an implementation outside of this crate, from a sentence
    /// or another error.
    pub fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }

    /// The system refuses to `action` the file or directory at `path`.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    /// The file at `path` of a run in training cannot be written.
    pub(crate) fn save(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Save { path, source }
    }

    /// `what` cannot be written as JSON.
    pub(crate) fn json(what: &'static str) -> impl FnOnce(serde_json::Error) -> Self {
        move |source| Self::Json { what, source }
    }
}
