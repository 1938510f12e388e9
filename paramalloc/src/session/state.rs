//! What a checkpoint holds beside the trainer's state.

use paramalloc_core::summary::{EvaluationMetric, FileContent};
use serde::{Deserialize, Serialize};

use super::sums::Sums;
use crate::settings::config::RunConfig;

/// What a checkpoint holds beside the trainer's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionState {
    /// `config.json` of the run.
    pub config: RunConfig,
    /// What `metrics.jsonl` had in it.
    pub metrics: FileContent,
    /// The training loop's part.
    pub progress: StoredProgress,
}

/// What the training loop continues from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredProgress {
    /// The train line in progress.
    pub sums: Sums,
    /// The losses that are shown.
    pub recent_loss: Vec<Option<f64>>,
    /// The latest evaluation.
    pub last_evaluation: Option<EvaluationMetric>,
    /// The best mean result on the validation split.
    pub best: Option<f64>,
    /// Evaluations since.
    #[serde(default)]
    pub since_best: u64,
}

impl StoredProgress {
    /// At the start of a run with so many tasks.
    pub fn new(tasks: usize) -> Self {
        Self {
            sums: Sums::new(tasks),
            recent_loss: vec![None; tasks],
            last_evaluation: None,
            best: None,
            since_best: 0,
        }
    }
}
