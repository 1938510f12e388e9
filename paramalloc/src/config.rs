//! The settings of a run, as they are written to `config.json` and read from
//! a `--config` file.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use paramalloc_core::data::Task;
use paramalloc_core::optim::AdamSettings;
use paramalloc_core::penalty::Penalties;
use paramalloc_core::routing::RouterSettings;
use paramalloc_core::summary::DataIdentity;
use paramalloc_core::train::TrainSettings;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::session::Schedule;
use paramalloc_data::source::Places;
use paramalloc_data::{DataChoice, DataOptions};

/// Train lines that `metrics.jsonl` gets at most by default.
const TRAIN_LINES: u64 = 1000;

/// All settings of a run. A config file may hold any of them under the same
/// names, the last four as tables.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Seed of every random choice.
    pub seed: u64,
    /// Passes of each task over its training examples; with tasks of several
    /// sizes, over those of the largest. Not together with `steps`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epochs: Option<u64>,
    /// Task steps of each task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
    /// Examples per task step.
    pub batch_size: usize,
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
    /// Threads, absent: one per processor. They change no result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
    /// Which data to learn.
    pub data: DataChoice,
    /// Folder with the data sets; absolute once resolved, so that the record of
    /// a run can be used from anywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    /// Train on the first so many examples only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_examples: Option<NonZeroUsize>,
    /// Test on the first so many examples only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_examples: Option<NonZeroUsize>,
    /// How the routed layers are routed.
    pub router: RouterSettings,
    /// The auxiliary losses.
    pub penalties: Penalties,
    /// The optimiser.
    pub adam: AdamSettings,
    /// The experiment's own options.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub options: Map<String, Value>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 0,
            epochs: Some(10),
            steps: None,
            batch_size: 16,
            eval_every: None,
            log_every: None,
            checkpoint_every: None,
            keep_checkpoints: 3,
            threads: None,
            data: DataChoice::Auto,
            data_dir: None,
            train_examples: None,
            test_examples: None,
            router: RouterSettings::default(),
            penalties: Penalties::default(),
            adam: AdamSettings::default(),
            options: Map::new(),
        }
    }
}

/// Settings with what follows from them and from the data.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The settings with `steps`, `eval_every`, `log_every`,
    /// `checkpoint_every` and `threads` in place, `data_dir` absolute.
    pub settings: Settings,
    /// Task steps of each task, at least 1.
    pub steps: u64,
    /// Task steps of each task between evaluations, 0: at the end only.
    pub eval_every: u64,
    /// Task steps of each task between train lines, at least 1.
    pub log_every: u64,
    /// Task steps of each task between checkpoints, 0: at the end only.
    pub checkpoint_every: u64,
    /// Threads, at least 1.
    pub threads: usize,
}

impl Settings {
    /// The settings about data.
    pub fn data_options(&self) -> DataOptions {
        DataOptions {
            data_dir: self.data_dir.clone(),
            data: self.data,
            train_examples: self.train_examples,
            test_examples: self.test_examples,
        }
    }

    /// What follows from the settings for these tasks.
    pub fn resolve(&self, tasks: &[Task]) -> Resolved {
        let examples = tasks.iter().map(|t| t.train.len() as u64).max();
        let batch = self.batch_size.max(1) as u64;
        let in_epochs = |epochs: u64| (epochs * examples.unwrap_or(0) / batch).max(1);
        let epochs = self.epochs.unwrap_or(1);
        let steps = self.steps.unwrap_or_else(|| in_epochs(epochs));
        let eval_every = self.eval_every.unwrap_or_else(|| in_epochs(1));
        let checkpoint_every = self.checkpoint_every.unwrap_or_else(|| in_epochs(1));
        let lines = || steps.div_ceil(TRAIN_LINES);
        let log_every = self.log_every.unwrap_or_else(lines).max(1);
        let threads = self.threads.unwrap_or_else(processors);
        let settings = Self {
            epochs: None,
            steps: Some(steps),
            eval_every: Some(eval_every),
            log_every: Some(log_every),
            checkpoint_every: Some(checkpoint_every),
            threads: Some(threads),
            data_dir: self.data_dir.as_deref().map(absolute),
            ..self.clone()
        };
        Resolved {
            settings,
            steps,
            eval_every,
            log_every,
            checkpoint_every,
            threads,
        }
    }
}

impl Resolved {
    /// Records the folder that `$PARAMALLOC_DATA` names, if no other is given,
    /// so that the data are found again in a shell without the variable.
    pub fn keep_data_folder(&mut self) {
        let environment = Places::new(None).environment;
        let named = environment.filter(|folder| folder.is_dir());
        let held = &mut self.settings.data_dir;
        *held = held.take().or_else(|| named.as_deref().map(absolute));
    }

    /// When to log, to evaluate and to write a checkpoint.
    pub fn schedule(&self) -> Schedule {
        Schedule {
            log_every: self.log_every,
            eval_every: self.eval_every,
            checkpoint_every: self.checkpoint_every,
            rounds: self.steps,
        }
    }

    /// The part that the trainer needs.
    pub fn train(&self) -> TrainSettings {
        TrainSettings {
            seed: self.settings.seed,
            batch_size: self.settings.batch_size,
            steps_per_task: self.steps,
            router: self.settings.router.clone(),
            penalties: self.settings.penalties,
            adam: self.settings.adam,
        }
    }
}

/// A path as it is where the working folder is not known.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// `config.json`: the settings of a run as resolved, and what they were used
/// for. `--config` reads it too.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record<'a> {
    /// Name of the experiment.
    pub experiment: &'a str,
    /// Version of the program.
    pub version: &'a str,
    /// The data of the run.
    pub data_identity: &'a DataIdentity,
    /// The settings.
    #[serde(flatten)]
    pub settings: &'a Settings,
}

/// The fields of [`Record`] that are no settings.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Origin {
    /// Name of the experiment.
    pub experiment: Option<String>,
    /// Version of the program.
    pub version: Option<String>,
    /// The data of the run.
    pub data_identity: Option<DataIdentity>,
}
