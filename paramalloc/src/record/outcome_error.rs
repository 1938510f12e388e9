//! Why the outcome of a run cannot be used.

use std::path::PathBuf;

use paramalloc_core::summary::SummaryError;

/// Why the outcome of a run cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OutcomeError {
    /// It cannot be read.
    #[error(transparent)]
    Summary(#[from] SummaryError),
    /// It is of another run.
    #[error("{} is of a run with {difference}", path.display())]
    OtherRun {
        /// The summary.
        path: PathBuf,
        /// How that run differs.
        difference: String,
    },
}
