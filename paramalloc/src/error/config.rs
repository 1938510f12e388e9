//! Errors of `config.json` and of files of settings.

use paramalloc_core::network::shape::Dims;
use paramalloc_core::text::{self, brief};

/// What is wrong with `config.json` or with a file of settings.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The run has no such file.
    #[error("this file of the run is missing")]
    Missing,
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Read(#[source] std::io::Error),
    /// It is not what the manifest of the run says.
    #[error("its content is not what manifest.json says: one of the two was changed")]
    Changed,
    /// It is not JSON.
    #[error("{}", brief(.0))]
    Json(#[source] serde_json::Error),
    /// It is not TOML.
    #[error("{}{}", .line.map_or(String::new(), |line| format!("line {line}: ")), brief(.source.message().replace('\n', "; ")))]
    Toml {
        /// The line, counted from 1, if it is known.
        line: Option<usize>,
        /// What is wrong there.
        source: Box<toml::de::Error>,
    },
    /// An entry has another type or is not known.
    #[error("`{}`: {}{}", brief(.entry), brief(.source), .table.map_or(String::new(), |table| format!("; write it under [{table}]")))]
    Entry {
        /// Its name, with those of the tables that it is in.
        entry: String,
        /// What is wrong.
        source: serde_json::Error,
        /// The table that it belongs in, where that is not where it is.
        table: Option<&'static str>,
    },
    /// Both ways to say how long to train.
    #[error("it gives both `epochs` and `steps`; remove one of them")]
    EpochsAndSteps,
    /// What is stored of a run lacks an entry.
    #[error("`{0}` is missing")]
    NoEntry(&'static str),
    /// Images cannot be standardized by it.
    #[error(
        "it needs a mean and a deviation above 0 for each of the {channels} channels of its images; put the file back from a copy"
    )]
    Standardization {
        /// Channels of the images.
        channels: usize,
    },
    /// Cells cannot be scaled by it.
    #[error(
        "mean, deviation, clip or fill of the column `{}` is out of range; put the file back from a copy", text::name(.feature)
    )]
    Encoding {
        /// Name of the column.
        feature: String,
    },
    /// It is of another network.
    #[error(
        "its columns or images are not the input of the run's network, {expected}; put the file back from a copy"
    )]
    OtherInput {
        /// Shape of the network's input.
        expected: Dims,
    },
    /// It is of other tasks.
    #[error("its targets are not the tasks of the run; put the file back from a copy")]
    OtherTargets,
    /// A newer version of the program wrote it.
    #[error(
        "it has format {found}, and this program reads format {supported}; use the program that wrote it, or a newer one"
    )]
    NewerFormat {
        /// The format of the file.
        found: u64,
        /// The format that this program reads.
        supported: u32,
    },
    /// Version 0.1 of the program wrote it.
    #[error(
        "the run is of version 0.1, whose directories do not say which network and data they are of; it can be plotted, but for all else use version 0.1"
    )]
    Version01,
}
