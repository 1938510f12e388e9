//! Why runs cannot predict a table.

use std::path::PathBuf;

/// Why runs cannot predict a table.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PredictError {
    /// A run did not learn from a table.
    #[error("the run in {} did not learn from a table; `predict` is for those that did, and Model::predict in the library for all", path.display())]
    NoTable {
        /// The directory of the run.
        path: PathBuf,
    },
    /// Runs that are to be averaged predict other things.
    #[error("the run in {} has other tasks or classes than the one in {}; only runs of the same tasks can be averaged", path.display(), other.display())]
    OtherTasks {
        /// The directory of a run.
        path: PathBuf,
        /// The directory of the first run.
        other: PathBuf,
    },
}
