//! Which data an experiment reads.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// Which data an experiment on MNIST reads.
#[derive(Clone, Debug, Default)]
pub struct DataOptions {
    /// Folder with the data sets, MNIST in its subfolder `mnist`. Looked into
    /// before $PARAMALLOC_DATA and the user's cache folder.
    pub data_dir: Option<PathBuf>,
    /// Which digits to learn.
    pub data: DataChoice,
    /// Train on the first so many images only.
    pub train_examples: Option<NonZeroUsize>,
    /// Test on the first so many images only.
    pub test_examples: Option<NonZeroUsize>,
}

/// Which digits to learn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DataChoice {
    /// MNIST, downloaded if need be; without network the drawn digits.
    #[default]
    Auto,
    /// MNIST, or an error.
    Mnist,
    /// Digits that the program draws itself; nothing is looked for.
    Drawn,
}
