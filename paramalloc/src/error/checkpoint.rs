//! Why a checkpoint cannot be used.

use std::io;
use std::path::Path;

use crate::run_dir::files::{CHECKPOINTS, CONFIG, METRICS};

/// Why a checkpoint cannot be used.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// It cannot be read.
    #[error("cannot read it: {0}")]
    Read(#[source] io::Error),
    /// It is damaged or of another format.
    #[error(transparent)]
    Damaged(paramalloc_core::error::Error),
    /// A newer version of the program wrote it.
    #[error(
        "it has format {found}, and this program reads format {supported}; use the program that wrote it, or a newer one"
    )]
    NewerFormat {
        /// The format of the file.
        found: u64,
        /// The format that this program reads.
        supported: u64,
    },
    /// It is of another network.
    #[error(transparent)]
    OtherNetwork(paramalloc_core::error::Error),
    /// It is of another run.
    #[error("it is of a run with {difference}")]
    OtherRun {
        /// How that run differs.
        difference: String,
    },
    /// Its settings cannot be compared with those of the run.
    #[error("its settings cannot be compared: {0}")]
    Settings(#[source] serde_json::Error),
    /// `metrics.jsonl` has lost lines since.
    #[error("it was written after {expected} bytes of {METRICS}, which has {found}")]
    ShortMetrics {
        /// Bytes of the file when the checkpoint was written.
        expected: u64,
        /// Bytes that it has.
        found: u64,
    },
    /// `metrics.jsonl` was changed since.
    #[error("it was written after {len} bytes of {METRICS}, which are others now")]
    OtherMetrics {
        /// Bytes of the file when the checkpoint was written.
        len: u64,
    },
}

impl CheckpointError {
    /// How much can be done about it: of several errors the one with the
    /// highest rank is to be told.
    pub(crate) fn rank(&self) -> u8 {
        match self {
            Self::Read(_) | Self::Damaged(_) | Self::Settings(_) | Self::NewerFormat { .. } => 0,
            Self::OtherNetwork(_) => 1,
            Self::OtherRun { .. } => 2,
            Self::ShortMetrics { .. } | Self::OtherMetrics { .. } => 3,
        }
    }

    /// What can be done about it, if it is a checkpoint of the run in `run`.
    pub(crate) fn advice(&self, run: &Path) -> String {
        let path = |name: &str| run.join(name).display().to_string();
        let checkpoints = path(CHECKPOINTS);
        match self {
            Self::Read(_) | Self::Damaged(_) | Self::Settings(_) | Self::NewerFormat { .. } => format!(
                "put a whole one back, or move {checkpoints} away to start from the beginning"
            ),
            Self::OtherNetwork(_) => {
                "use the program with the network that began this run, or begin another run with another --logdir".to_owned()
            }
            Self::OtherRun { .. } => format!(
                "if {} was changed, put it back as it was; if the checkpoints are another run's, put this one's back",
                path(CONFIG)
            ),
            Self::ShortMetrics { .. } | Self::OtherMetrics { .. } => format!(
                "put {} back as it was; without it there is only the way to move {checkpoints} away and start from the beginning",
                path(METRICS)
            ),
        }
    }
}
