//! Why runs cannot predict.

use std::path::PathBuf;

/// Why runs cannot predict.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PredictError {
    /// A run that predicts at each pixel, which no table holds.
    #[error("the run in {} predicts at each pixel, which does not fit the rows of a table; read it with `Model::load` and call `Model::predict`", path.display())]
    PerPixel {
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
