//! In which formats a run is recorded.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// A format in which a run is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
#[value(rename_all = "lower")]
#[non_exhaustive]
pub enum LogFormat {
    /// `metrics.jsonl`, which is always written.
    JsonL,
    /// An event file for TensorBoard, in `tensorboard/`.
    TensorBoard,
}
