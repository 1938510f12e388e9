//! Why runs cannot predict.

use std::path::PathBuf;

use paramalloc_core::network::shape::Dims;

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
    /// A table for a run that learned from images or arrays.
    #[error(
        "{} is a table, but the run learned from inputs of the shape {input}, not from columns; give an image, a directory of images, or a .npz file with such arrays as `x`", path.display()
    )]
    Table {
        /// The table.
        path: PathBuf,
        /// Shape of the network's input.
        input: Dims,
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
