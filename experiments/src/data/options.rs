//! The command-line options about data.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Which data an experiment on MNIST reads.
#[derive(Args, Clone, Debug, Default)]
pub struct DataOptions {
    /// Folder with the data sets, MNIST in its subfolder `mnist`. Looked into
    /// before $PARAMALLOC_DATA and the user's cache folder.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// Which digits to learn.
    #[arg(long, value_enum, default_value_t)]
    pub data: DataChoice,

    /// Train on the first N images only, for a quick look.
    #[arg(long, value_name = "N")]
    pub train_examples: Option<NonZeroUsize>,

    /// Test on the first N images only, for a quick look.
    #[arg(long, value_name = "N")]
    pub test_examples: Option<NonZeroUsize>,
}

/// Which digits to learn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DataChoice {
    /// MNIST, downloaded if need be; without network the drawn digits.
    #[default]
    Auto,
    /// MNIST, or an error.
    Mnist,
    /// Digits that the program draws itself; nothing is looked for.
    Drawn,
}
