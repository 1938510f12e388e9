//! The error type of this crate: a sentence for the user. Only the files of a
//! run folder have one of their own, [`crate::summary::SummaryError`].

/// What went wrong, naming the field, file or parameter and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl Error {
    /// An error with this sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}
