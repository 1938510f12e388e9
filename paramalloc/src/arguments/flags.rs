//! The flags that all experiments share.
//!
//! A flag is named after the setting it changes (see
//! [`crate::config::Settings`]); each with a dash is also known with an
//! underscore, `--budget_penalty` for example.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use paramalloc_core::engine::cpu::Convolution;
use paramalloc_core::metric::NAMES;
use paramalloc_core::penalty::PenaltyUnit;
use paramalloc_core::routing::Method;
use paramalloc_core::train::Freeze;
use paramalloc_data::DataChoice;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use super::images::ImageFlags;
use super::number::number;
use super::optimization::OptimizationFlags;
use crate::settings::class_weights::name_and_weight;
use crate::settings::{Batches, ClassWeights, LogFormat, Select};
use crate::task_metrics::BY_KIND;

/// The flags of all shared settings. One that is not given leaves its setting
/// as the config file or the experiment has it.
#[derive(Args, Clone, Debug, Serialize)]
pub struct Flags {
    /// How the routed layers are routed.
    #[command(flatten, next_help_heading = "Routing")]
    #[serde(flatten)]
    pub routing: RoutingFlags,
    /// What is added to the task loss.
    #[command(flatten, next_help_heading = "Penalties")]
    #[serde(flatten)]
    pub penalty: PenaltyFlags,
    /// How long and how fast to train.
    #[command(flatten, next_help_heading = "Training")]
    #[serde(flatten)]
    pub training: TrainingFlags,
    /// What to learn.
    #[command(flatten, next_help_heading = "Data")]
    #[serde(flatten)]
    pub data: DataFlags,
    /// What is done to images.
    #[command(flatten, next_help_heading = "Images")]
    #[serde(flatten)]
    pub images: ImageFlags,
    /// What to write and how often.
    #[command(flatten, next_help_heading = "Output")]
    #[serde(flatten)]
    pub output: OutputFlags,
    /// The experiment's own options among those that were typed.
    #[arg(skip)]
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub options: Map<String, Value>,
}

/// The own options of an experiment that has none. One that has some gives a
/// struct like this, its fields with defaults for clap.
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoOptions {}

/// How the routed layers are routed.
#[derive(Args, Clone, Debug, Serialize)]
pub struct RoutingFlags {
    /// Who uses what: learned (gumbel_matrix), everything (shared_bottom) or
    /// one component each (no_sharing)
    #[arg(long, value_name = "METHOD")]
    pub method: Option<Method>,

    /// Connection probabilities at the start, above 0 and below 1
    #[arg(long, value_name = "P", value_parser = number)]
    pub probs_init: Option<f64>,

    /// Temperature at the first task step, above 0: how random the choice of components
    /// is in training
    #[arg(long, value_name = "T", value_parser = number)]
    pub temperature_init: Option<f64>,

    /// Temperature that training ends with, above 0
    #[arg(long, value_name = "T", value_parser = number)]
    pub temperature_min: Option<f64>,
}

/// What is added to the task loss.
#[derive(Args, Clone, Debug, Serialize)]
pub struct PenaltyFlags {
    /// Share of all components that a task may use without penalty, 0 to 1 (or of
    /// their parameters or multiply-adds: --budget-unit)
    #[arg(long, value_name = "SHARE", value_parser = number)]
    pub budget: Option<f64>,

    /// What budget and connection penalty count: components, parameters or
    /// multiply_adds
    #[arg(long, value_name = "UNIT")]
    pub budget_unit: Option<PenaltyUnit>,

    /// Weight of the penalty for using more than the budget
    #[arg(long, value_name = "W", value_parser = number)]
    pub budget_penalty: Option<f64>,

    /// Weight of the penalty on the sum of the connection probabilities
    #[arg(long, value_name = "W", value_parser = number)]
    pub connection_penalty: Option<f64>,

    /// Weight of the penalty for using nothing of a layer
    #[arg(long, value_name = "W", value_parser = number)]
    pub disconnect_penalty: Option<f64>,

    /// Weight, at the end of the run, of the penalty for undecided connections
    #[arg(long, value_name = "W", value_parser = number)]
    pub entropy_penalty: Option<f64>,

    /// How late the entropy penalty grows: progress to this power
    #[arg(long, value_name = "ALPHA", value_parser = number)]
    pub entropy_penalty_alpha: Option<f64>,

    /// Weight of the L2 penalty on the parameters but biases and routers
    #[arg(long, value_name = "W", value_parser = number)]
    pub l2_penalty: Option<f64>,
}

/// How long and how fast to train.
#[derive(Args, Clone, Debug, Serialize)]
pub struct TrainingFlags {
    /// Passes over the training examples of the largest task; every task has as many steps
    #[arg(long, value_name = "N", conflicts_with = "steps")]
    pub epochs: Option<u64>,

    /// Task steps of each task, in place of --epochs
    #[arg(long, value_name = "N")]
    pub steps: Option<u64>,

    /// Task steps of each task that are planned at the least, where --epochs of few
    /// examples are fewer; --patience may end the run before
    #[arg(long, value_name = "N", conflicts_with = "steps")]
    pub min_steps: Option<u64>,

    /// Start with the trained parameters of a run (its directory, or the
    /// parameters.safetensors or best.safetensors in it), as far as they fit by path
    /// and shape
    #[arg(long, value_name = "RUN")]
    pub init: Option<PathBuf>,

    /// End after N evaluations without a better validation result, and take the
    /// best
    #[arg(long, value_name = "N")]
    pub patience: Option<u64>,

    /// Which parameters the run reports, and predict, prune and export take: the best
    /// by the validation split, or the last
    #[arg(long, value_name = "WHICH", value_enum)]
    pub select: Option<Select>,

    /// Examples per task step
    #[arg(long, value_name = "N")]
    pub batch_size: Option<usize>,

    /// What a batch serves
    #[arg(long, value_name = "HOW")]
    pub batches: Option<Batches>,

    /// Learning rate of the network
    #[arg(long, value_name = "LR", value_parser = number)]
    pub learning_rate: Option<f64>,

    /// Learning rate of the routers
    #[arg(long, value_name = "LR", value_parser = number)]
    pub router_learning_rate: Option<f64>,

    /// Parts that do not learn, separated by commas: `all` for everything below the
    /// heads, or paths of fields, components, heads, routers and gates (conv1, conv1.0,
    /// head.2, conv1.router, conv1.gate)
    #[arg(long, value_name = "all|PATH,..")]
    pub freeze: Option<Freeze>,

    /// Learning rates of parts of the network, by path as for --freeze
    #[arg(long, value_name = "PATH=LR,..", value_delimiter = ',', value_parser = path_and_rate)]
    #[serde(serialize_with = "by_path")]
    pub learning_rates: Option<Vec<(String, f64)>>,

    /// What examples of each class count in the loss: each class as much as the others
    /// (balanced), or weights by name, as in yes=5,no=1 (disease:yes=5 for a class of
    /// one task, toxic=5 for the ones of a column of 0 and 1)
    #[arg(long, value_name = "balanced|NAME=W,..")]
    pub class_weights: Option<ClassWeights>,

    /// What the losses of tasks count, 1 where none is said
    #[arg(long, value_name = "TASK=W,..", value_delimiter = ',', value_parser = name_and_weight)]
    #[serde(serialize_with = "by_path")]
    pub task_weights: Option<Vec<(String, f64)>>,

    /// Give each batch as many examples of each class: rare ones come more often
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub balanced_batches: bool,

    #[command(flatten)]
    #[serde(flatten)]
    pub optimization: OptimizationFlags,

    /// Largest norm of all gradients together, above 0: longer ones are scaled down to it
    #[arg(long, value_name = "NORM", value_parser = number)]
    pub clip_norm: Option<f64>,

    /// Seed of every random choice
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,

    /// Algorithm for convolutions of many channels: by their sums (direct), Winograd's
    /// (winograd), or that where it is faster (auto)
    #[arg(long, value_name = "HOW")]
    pub convolution: Option<Convolution>,

    /// Threads; their number changes no result
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

/// What to learn.
#[derive(Args, Clone, Debug, Serialize)]
pub struct DataFlags {
    /// Directory with the data, looked into before $PARAMALLOC_DATA and the
    /// user's cache
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// Which data to learn: published (real), generated by the program
    /// (generated), or generated only if the published are out of reach (auto)
    #[arg(long, value_name = "DATA", value_parser = data_choice(), hide_possible_values = true)]
    pub data: Option<DataChoice>,

    /// Share of the examples for validation: of the training examples where the data
    /// have no validation split, the same of each class, and of all rows of a table
    #[arg(long, value_name = "SHARE", value_parser = number)]
    pub validation_share: Option<f64>,

    /// Seed of the choice of these, which --seed does not change
    #[arg(long, value_name = "N")]
    pub split_seed: Option<u64>,

    /// Train each task on its first N examples only, for a quick look
    #[arg(long, value_name = "N")]
    pub train_examples: Option<NonZeroUsize>,

    /// Test each task on its first N examples only, for a quick look
    #[arg(long, value_name = "N")]
    pub test_examples: Option<NonZeroUsize>,
}

/// What to write and how often.
#[derive(Args, Clone, Debug, Serialize)]
pub struct OutputFlags {
    /// What the tasks are judged by, which also chooses the best checkpoint; by_kind: ROC
    /// AUC for labels, balanced accuracy for classes, R2 for values
    #[arg(long, value_name = "METRIC", value_parser = PossibleValuesParser::new(NAMES.into_iter().chain([BY_KIND])))]
    pub metric: Option<String>,

    /// Task steps of each task between evaluations; 0: at the end only
    #[arg(long, value_name = "N")]
    pub eval_every: Option<u64>,

    /// Task steps of each task between training lines of metrics.jsonl
    #[arg(long, value_name = "N")]
    pub log_every: Option<u64>,

    /// Task steps of each task between checkpoints; 0: only at the end and
    /// when interrupted
    #[arg(long, value_name = "N")]
    pub checkpoint_every: Option<u64>,

    /// Records of the run, separated by commas: jsonl (always written),
    /// tensorboard
    #[arg(long, value_name = "FORMATS", value_delimiter = ',')]
    pub log: Option<Vec<LogFormat>>,

    /// How many of the newest checkpoints to keep
    #[arg(long, value_name = "K")]
    pub keep_checkpoints: Option<usize>,
}

/// The flags of a new run that are no settings.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Output")]
pub struct NewRunFlags {
    /// Directory of the run [default: a fresh one under runs/]
    #[arg(long, value_name = "DIR")]
    pub logdir: Option<PathBuf>,

    #[command(flatten)]
    pub common: CommonFlags,
}

/// The flags of every run in training that are no settings.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Output")]
pub struct CommonFlags {
    /// Show no progress, only the report at the end
    #[arg(long)]
    pub quiet: bool,

    /// Settings from a TOML file, or from the config.json of a run; flags
    /// override them
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Reads the name of a data choice.
fn data_choice() -> impl TypedValueParser<Value = DataChoice> {
    let values = DataChoice::NAMES.map(|(name, choice)| {
        let value = PossibleValue::new(name);
        match choice {
            DataChoice::Generated => value.alias(DataChoice::OLD_NAME),
            _ => value,
        }
    });
    PossibleValuesParser::new(values).try_map(|name| name.parse::<DataChoice>())
}

/// `conv1=0.01`
fn path_and_rate(text: &str) -> Result<(String, f64), String> {
    let (path, rate) = text
        .split_once('=')
        .ok_or_else(|| "it must be PATH=LR, as in conv1=0.01".to_owned())?;
    Ok((path.trim().to_owned(), number(rate.trim())?))
}

/// Writes numbers by name as a table, as a file of settings has them.
// The form is serde's.
#[allow(clippy::ref_option)]
fn by_path<S: Serializer>(
    rates: &Option<Vec<(String, f64)>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match rates {
        Some(rates) => serializer.collect_map(rates.iter().map(|(path, rate)| (path, rate))),
        None => serializer.serialize_none(),
    }
}
