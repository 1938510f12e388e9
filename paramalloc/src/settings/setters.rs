//! Setters, so that settings read as
//! `Settings::default().epochs(10).batch_size(16)`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use paramalloc_core::engine::cpu::Convolution;
use paramalloc_core::optim::{OptimizerSettings, ScheduleSettings};
use paramalloc_core::penalty::Penalties;
use paramalloc_core::routing::{Method, ProbsInit, RouterSettings};
use paramalloc_core::train::Freeze;
use paramalloc_data::DataChoice;

use super::batches::Batches;
use super::class_weights::ClassWeights;
use super::log_format::LogFormat;
use super::run_settings::Settings;
use super::select::Select;

/// Writes a setter for each field, which may be in a table. That of an
/// `Option` takes the value itself.
macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident($($type:tt)+) => $($field:ident).+;)+) => {
        impl Settings {
            $(setters!(@one $(#[$doc])* $name($($type)+) => $($field).+);)+
        }
    };
    (@one $(#[$doc:meta])* $name:ident(Some $type:ty) => $($field:ident).+) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: $type) -> Self {
            self.$($field).+ = Some($name);
            self
        }
    };
    (@one $(#[$doc:meta])* $name:ident(into $type:ty) => $($field:ident).+) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: impl Into<$type>) -> Self {
            self.$($field).+ = $name.into();
            self
        }
    };
    (@one $(#[$doc:meta])* $name:ident($type:ty) => $($field:ident).+) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: $type) -> Self {
            self.$($field).+ = $name;
            self
        }
    };
}

setters! {
    /// Sets the seed of every random choice.
    seed(u64) => seed;
    /// Sets the number of examples per task step, 1 to 65,536.
    batch_size(usize) => batch_size;
    /// Sets the task steps of each task between evaluations; 0: at the end
    /// only.
    eval_every(Some u64) => eval_every;
    /// Sets the task steps of each task between train lines, at least 1.
    log_every(Some u64) => log_every;
    /// Sets the task steps of each task between checkpoints; 0: only at the end
    /// and when interrupted.
    checkpoint_every(Some u64) => checkpoint_every;
    /// Sets how many of the newest checkpoints are kept, at least 1.
    keep_checkpoints(usize) => keep_checkpoints;
    /// Sets in which formats the run is recorded, beside `metrics.jsonl`.
    log(Vec<LogFormat>) => log;
    /// Sets the number of threads, 1 to 1,024, which changes no result.
    threads(Some usize) => threads;
    /// Chooses published or generated data.
    data(DataChoice) => data;
    /// Sets the directory with the data.
    data_dir(Some PathBuf) => data_dir;
    /// Trains on the first so many examples of each task only.
    train_examples(Some NonZeroUsize) => train_examples;
    /// Tests on the first so many examples of each task only.
    test_examples(Some NonZeroUsize) => test_examples;
    /// Keeps this share of the training examples for validation, 0 to 0.9, where the
    /// data have no such split.
    validation_share(Some f64) => validation_share;
    /// Sets what examples of each class count in the loss.
    class_weights(Some ClassWeights) => class_weights;
    /// Gives each batch as many examples of each class.
    balanced_batches(bool) => balanced_batches;
    /// In training, a random part of an image takes its place, with at least this share of
    /// its rows and columns, above 0 to 1.
    random_crop(Some f64) => random_crop;
    /// In training, mirrors half of the images, left to right.
    random_flip(bool) => random_flip;
    /// In training, moves images by up to so many pixels in each direction.
    random_shift(usize) => random_shift;
    /// Normalizes images by mean and deviation of each channel over the training images.
    normalize(bool) => normalize;
    /// Starts with the parameters of the run in this directory, where they fit.
    init(Some PathBuf) => init;
    /// Sets how the routed layers are routed.
    router(RouterSettings) => router;
    /// Sets who uses what: learned, everything, or one component each.
    method(Method) => router.method;
    /// Sets all penalties.
    penalties(Penalties) => penalties;
    /// Sets the share of all components that a task may use without penalty, 0
    /// to 1; see [`budget_penalty`](Self::budget_penalty).
    budget(f64) => penalties.budget;
    /// Sets the weight of the penalty for using more than the budget.
    budget_penalty(f64) => penalties.budget_penalty;
    /// Sets the weight of the L2 penalty on the parameters but biases and
    /// routers.
    l2_penalty(f64) => penalties.l2_penalty;
    /// Sets the learning rate of the network, above 0.
    learning_rate(f64) => learning_rate;
    /// Sets the learning rate of the routers, above 0; that of the network by
    /// default.
    router_learning_rate(Some f64) => router_learning_rate;
    /// Sets the largest norm of all gradients together, above 0.
    clip_norm(Some f64) => clip_norm;
    /// Chooses the optimizer by its settings.
    optimizer(into OptimizerSettings) => optimizer;
    /// Chooses how the learning rates change over the run.
    schedule(into ScheduleSettings) => schedule;
    /// Sets which parts of the network do not learn: [`Freeze::all`], or paths
    /// as in a checkpoint.
    freeze(into Freeze) => freeze;
    /// Chooses what a batch serves: one task, or all that share their inputs.
    batches(Some Batches) => batches;
    /// Chooses how wide convolutions are computed.
    convolution(Convolution) => convolution;
    /// Chooses what the tasks are judged by, one of
    /// [`metric::NAMES`](paramalloc_core::metric::NAMES), or `by_kind`, one that fits
    /// the targets of each task; that of the loss by default.
    metric(Some String) => metric;
    /// Ends the run after so many evaluations, at least 1, without a better result
    /// on the validation split; the best then takes the place of the last.
    patience(Some u64) => patience;
    /// Sets which parameters the run reports and what reads it takes: by default the
    /// best where there is a validation split, else the last.
    select(Some Select) => select;
}

impl Settings {
    /// Sets all connection probabilities at the start, above 0 and below 1.
    #[must_use]
    pub fn probs_init(mut self, probability: f64) -> Self {
        self.router.probs_init = ProbsInit::Same(probability);
        self
    }

    /// Sets the learning rate of the parameters under a path, above 0.
    #[must_use]
    pub fn learning_rate_of(mut self, path: impl Into<String>, rate: f64) -> Self {
        self.learning_rates.insert(path.into(), rate);
        self
    }

    /// Sets how long to train: passes over the training examples of the largest
    /// task, 1 to 1,000,000; every task has as many steps. It takes the place of [`steps`](Self::steps).
    #[must_use]
    pub fn epochs(mut self, epochs: u64) -> Self {
        (self.epochs, self.steps) = (Some(epochs), None);
        self
    }

    /// Trains for at least so many task steps of each task, at least 1, where
    /// [`epochs`](Self::epochs) of few examples are fewer. What happens every epoch
    /// then happens as often as there are epochs, evenly spaced.
    #[must_use]
    pub fn min_steps(mut self, steps: u64) -> Self {
        self.min_steps = Some(steps);
        self
    }

    /// Sets how long to train: task steps of each task, at least 1. It takes
    /// the place of [`epochs`](Self::epochs).
    #[must_use]
    pub fn steps(mut self, steps: u64) -> Self {
        (self.epochs, self.steps) = (None, Some(steps));
        self
    }
}
