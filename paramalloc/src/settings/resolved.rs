//! Settings with what follows from them and from the data.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use paramalloc_core::data::Task;
use paramalloc_core::train::{JointSampler, TrainSettings};
use paramalloc_data::DataOptions;
use paramalloc_data::published::Locations;

use crate::settings::schedule::Schedule;
use crate::settings::{Batches, Select, Settings};

/// Train lines that `metrics.jsonl` gets at most by default.
const TRAIN_LINES: u64 = 1000;

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
        let mut options = DataOptions::default()
            .data(self.data)
            .validation_share(self.validation_share.unwrap_or(0.0))
            .split_seed(self.split_seed.unwrap_or(0));
        options.data_dir.clone_from(&self.data_dir);
        options.train_examples = self.train_examples;
        options.test_examples = self.test_examples;
        options
    }

    /// The part that the trainer needs, for so many task steps of each task.
    pub fn train(&self, steps: u64) -> TrainSettings {
        let mut settings = TrainSettings::default()
            .seed(self.seed)
            .batch_size(self.batch_size)
            .steps_per_task(steps)
            .router(self.router.clone())
            .penalties(self.penalties)
            .learning_rate(self.learning_rate)
            .router_learning_rate(self.router_learning_rate)
            .clip_norm(self.clip_norm)
            .optimizer(self.optimizer)
            .schedule(self.schedule.clone())
            .freeze(self.freeze.clone())
            .frozen_tasks(self.frozen_tasks)
            .convolution(self.convolution);
        settings.learning_rates.clone_from(&self.learning_rates);
        settings
    }

    /// The first setting about images that does something.
    pub(crate) fn of_images(&self) -> Option<&'static str> {
        let given = [
            ("random_crop", self.random_crop.is_some()),
            ("random_flip", self.random_flip),
            ("random_shift", self.random_shift > 0),
            ("normalize", self.normalize),
        ];
        let given = given.into_iter().find(|(_, is_given)| *is_given);
        given.map(|(setting, _)| setting)
    }

    /// Whether the best parameters by the validation split are taken for the run's.
    pub(crate) fn takes_best(&self) -> bool {
        match self.select {
            Some(select) => select == Select::Best,
            None => self.patience.is_some(),
        }
    }

    /// How many of so many tasks are trained.
    pub(crate) fn trained_of(&self, tasks: usize) -> usize {
        tasks.saturating_sub(self.frozen_tasks)
    }

    /// What follows from the settings for these tasks.
    pub fn resolve(&self, tasks: &[Task]) -> Resolved {
        let trained = tasks.iter().skip(self.frozen_tasks);
        let examples = match self.batches {
            // An input may have a target of some tasks only.
            Some(Batches::Joint) => JointSampler::inputs(tasks),
            _ => trained.map(|t| t.train.len()).max(),
        };
        let examples = examples.unwrap_or(0) as u64;
        let batch = self.batch_size.max(1) as u64;
        let in_epochs = |epochs: u64| (epochs * examples / batch).max(1);
        let epochs = self.epochs.unwrap_or(1).max(1);
        let least = self.min_steps.unwrap_or(1);
        let steps = self.steps.unwrap_or_else(|| in_epochs(epochs).max(least));
        // An epoch, or its part of the run where the least number of steps is more.
        let often = match self.steps {
            None if in_epochs(epochs) < least => steps.div_ceil(epochs),
            _ => in_epochs(1),
        };
        let eval_every = self.eval_every.unwrap_or(often);
        let checkpoint_every = self.checkpoint_every.unwrap_or(often);
        let lines = || steps.div_ceil(TRAIN_LINES);
        let log_every = self.log_every.unwrap_or_else(lines).max(1);
        let threads = self.threads.unwrap_or_else(processors);
        let settings = Self {
            epochs: None,
            min_steps: None,
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
    /// Records the directory that `$PARAMALLOC_DATA` names, if no other is given,
    /// so that the data are found again in a shell without the variable.
    pub fn keep_data_dir(&mut self) {
        let environment = Locations::new(None).environment;
        let named = environment.filter(|directory| directory.is_dir());
        let stored = &mut self.settings.data_dir;
        *stored = stored.take().or_else(|| named.as_deref().map(absolute));
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
        self.settings.train(self.steps)
    }
}

/// A path as it is where the working directory is not known.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}
