//! Why a run cannot start with the parameters of another.

use std::path::PathBuf;

/// Why a run cannot start with the parameters that `--init` names.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InitError {
    /// The directory has no parameters.
    #[error("{} holds no trained parameters; give the directory of a run that was saved, or the parameters.safetensors of one", path.display())]
    NoParameters {
        /// The directory.
        path: PathBuf,
    },
    /// They are of an altogether different network.
    #[error("no parameter in {} has the path and shape of one of this network's; give a run whose network has the same fields, or leave out --init", path.display())]
    NothingFits {
        /// The file.
        path: PathBuf,
    },
}
