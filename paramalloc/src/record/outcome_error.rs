//! Why the outcome of a run cannot be used.

use std::path::PathBuf;

use paramalloc_core::summary::SummaryError;

use crate::error::ConfigError;

/// Why the outcome of a run cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OutcomeError {
    /// It cannot be read.
    #[error(transparent)]
    Summary(#[from] SummaryError),
    /// A file at the end of the run is not what its manifest says.
    #[error("{}: {}", path.display(), ConfigError::Changed)]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// It is of another run.
    #[error("{} is of a run with {difference}", path.display())]
    OtherRun {
        /// The summary.
        path: PathBuf,
        /// How that run differs.
        difference: String,
    },
}
