//! The settings of a run, as they are written to `config.json` and read from
//! a `--config` file.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use paramalloc_core::engine::cpu::Convolution;
use paramalloc_core::optim::{OptimizerSettings, ScheduleSettings};
use paramalloc_core::penalty::Penalties;
use paramalloc_core::routing::RouterSettings;
use paramalloc_core::train::Freeze;
use paramalloc_data::DataChoice;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::batches::Batches;
use super::class_weights::ClassWeights;
use super::log_format::LogFormat;
use super::select::Select;

/// All settings of a run. A config file may hold any of them under the same
/// names, those of more than one part as tables. [`TrainSettings`] of core, which
/// a trainer takes, follow from them and the data.
///
/// ```
/// use paramalloc::Settings;
///
/// // Defaults of an experiment; a config file and flags override them.
/// let settings = Settings::default().epochs(10).batch_size(32).learning_rate(1e-3);
/// # assert_eq!(settings.batch_size, 32);
/// ```
///
/// [`TrainSettings`]: paramalloc_core::train::TrainSettings
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// Seed of every random choice.
    pub seed: u64,
    /// Passes over the training examples of the largest task; every task has as many
    /// steps. Not together with `steps`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) epochs: Option<u64>,
    /// Task steps of each task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) steps: Option<u64>,
    /// Task steps of each task at the least, where `epochs` says how long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) min_steps: Option<u64>,
    /// Examples per task step.
    pub batch_size: usize,
    /// What a batch serves; a joint one is a task step of each task. Absent: one task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batches: Option<Batches>,
    /// Task steps of each task between evaluations, 0: at the end only;
    /// absent: one epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eval_every: Option<u64>,
    /// Task steps of each task between train lines of `metrics.jsonl`;
    /// absent: so that there are at most 1000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_every: Option<u64>,
    /// Task steps of each task between checkpoints, 0: only at the end and
    /// when interrupted; absent: one epoch. They change no result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_every: Option<u64>,
    /// How many of the newest checkpoints are kept, at least 1.
    pub keep_checkpoints: usize,
    /// In which formats the run is recorded, beside `metrics.jsonl`. They change
    /// no result.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<LogFormat>,
    /// Threads, absent: one per processor. They change no result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
    /// Which data to learn.
    pub data: DataChoice,
    /// Directory with the data sets; absolute once resolved, so that the record of
    /// a run can be used from anywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    /// Train on only the first so many examples of each task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_examples: Option<NonZeroUsize>,
    /// Test on only the first so many examples of each task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_examples: Option<NonZeroUsize>,
    /// Share of the training examples for validation, 0 to 0.9, where the data have no
    /// such split; absent: none, of a table a tenth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_share: Option<f64>,
    /// Seed by which examples are chosen for validation, and those of a table for test;
    /// absent: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_seed: Option<u64>,
    /// What examples of each class count in the loss; absent: as the tasks say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<ClassWeights>,
    /// What the loss of a task counts beside those of the others, above 0, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub task_weights: BTreeMap<String, f64>,
    /// Whether each batch has as many examples of each class.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub balanced_batches: bool,
    /// In training, a part with at least this share of the rows and columns takes the
    /// place of an image, stretched; above 0 to 1; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub random_crop: Option<f64>,
    /// In training, half of the images are mirrored, left to right.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub random_flip: bool,
    /// In training, images move by up to so many pixels in each direction.
    #[serde(skip_serializing_if = "is_zero")]
    pub random_shift: usize,
    /// Whether images are normalized by the mean and deviation of each channel over the
    /// training images.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub normalize: bool,
    /// Parameters to start with, where they fit: the directory of a run, absolute, or a
    /// file; absent: initial ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<PathBuf>,
    /// How the routed layers are routed.
    pub router: RouterSettings,
    /// The auxiliary losses.
    pub penalties: Penalties,
    /// The optimizer.
    pub optimizer: OptimizerSettings,
    /// Learning rate of the network, above 0.
    pub learning_rate: f64,
    /// Learning rate of the routers, above 0; absent: the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub router_learning_rate: Option<f64>,
    /// Largest norm of all gradients together, above 0; absent: no clipping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_norm: Option<f64>,
    /// How the learning rates change over the run.
    pub schedule: ScheduleSettings,
    /// Parts of the network that do not learn: `all` (what comes before the heads)
    /// or paths as in a checkpoint.
    #[serde(skip_serializing_if = "Freeze::is_empty")]
    pub freeze: Freeze,
    /// Learning rates of parts of the network by such paths, above 0.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub learning_rates: BTreeMap<String, f64>,
    /// So many of the first tasks are not trained: heads, private layers and rows of
    /// routers of theirs stay as they are.
    #[serde(skip_serializing_if = "is_zero")]
    pub frozen_tasks: usize,
    /// How wide convolutions are computed.
    pub convolution: Convolution,
    /// What the tasks are judged by, which also chooses the best checkpoint;
    /// absent: the metric of the loss.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// Evaluations without a better result on the validation split after which
    /// the run ends, and the best takes the place of the last; absent: it continues
    /// to its last step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<u64>,
    /// Which parameters the run reports, and what reads it takes; absent: with
    /// `patience` the best, else the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub select: Option<Select>,
    /// The experiment's own options.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub options: Map<String, Value>,
}

// The form is serde's.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 0,
            epochs: Some(10),
            steps: None,
            min_steps: None,
            batch_size: 16,
            batches: None,
            eval_every: None,
            log_every: None,
            checkpoint_every: None,
            keep_checkpoints: 3,
            log: Vec::new(),
            threads: None,
            data: DataChoice::Auto,
            data_dir: None,
            train_examples: None,
            test_examples: None,
            validation_share: None,
            split_seed: None,
            class_weights: None,
            task_weights: BTreeMap::new(),
            balanced_batches: false,
            random_crop: None,
            random_flip: false,
            random_shift: 0,
            normalize: false,
            init: None,
            router: RouterSettings::default(),
            penalties: Penalties::default(),
            optimizer: OptimizerSettings::default(),
            learning_rate: 1e-3,
            router_learning_rate: None,
            clip_norm: None,
            schedule: ScheduleSettings::default(),
            freeze: Freeze::default(),
            learning_rates: BTreeMap::new(),
            frozen_tasks: 0,
            convolution: Convolution::default(),
            metric: None,
            patience: None,
            select: None,
            options: Map::new(),
        }
    }
}
