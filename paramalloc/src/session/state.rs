//! What a checkpoint holds beside the trainer's state.

use paramalloc_core::summary::{DataIdentity, EvaluationMetric};
use serde::{Deserialize, Serialize};

use crate::session::sums::Sums;
use crate::settings::Settings;

/// What the training loop keeps in a checkpoint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionState {
    /// Name of the experiment.
    pub experiment: String,
    /// All settings of the run.
    pub settings: Settings,
    /// The data.
    pub data_identity: DataIdentity,
    /// Names of the tasks.
    pub tasks: Vec<String>,
    /// Bytes of `metrics.jsonl`.
    pub metrics_len: u64,
    /// CRC-32 of these bytes.
    pub metrics_crc: u32,
    /// The train line in progress.
    pub sums: Sums,
    /// The losses that are shown.
    pub recent_loss: Vec<Option<f64>>,
    /// The latest evaluation.
    pub last_evaluation: Option<EvaluationMetric>,
    /// The best mean result on the validation split.
    pub best: Option<f64>,
}
