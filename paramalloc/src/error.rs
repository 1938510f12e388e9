//! What can go wrong around a run: one enum, whose variants carry what they
//! are about. The sentence for people is the `Display` form.

mod checkpoint;
mod choice;
mod config;
mod images;
mod init;
mod make;
mod metric;
mod predict;
mod sentence;
mod sweep;
mod tasks;
mod weights;

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use paramalloc_data::DataError;
use sentence::{in_one_sentence, is_full, listed, named, shell};

use crate::settings::difference::Difference;

pub use checkpoint::CheckpointError;
pub use choice::ChoiceError;
pub use config::ConfigError;
pub use images::ImageError;
pub use init::InitError;
pub use metric::MetricError;
pub use predict::PredictError;
pub use sweep::SweepError;
pub use tasks::TaskError;
pub use weights::WeightError;

/// An error of this crate.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    // The command line and settings.
    /// The command line cannot be parsed, or asks for the help or the version,
    /// which [`clap::Error::use_stderr`] tells apart.
    #[error("{}; `--help` lists all flags", in_one_sentence(.0))]
    Arguments(#[source] clap::Error),
    /// A flag that the experiment has no use for.
    #[error("--{flag} has no effect on `{experiment}`; leave it out")]
    UselessFlag {
        /// The flag, without its dashes.
        flag: String,
        /// Name of the experiment.
        experiment: String,
    },
    /// A setting is outside of its range.
    #[error("{} = {value} must be {expected}", named(.name, *.is_flag))]
    Setting {
        /// Name of the setting, as in a file of settings.
        name: Cow<'static, str>,
        /// True if a flag of this name gave it.
        is_flag: bool,
        /// Its value.
        value: String,
        /// What it must be, for example `from 1 to 1024`.
        expected: Cow<'static, str>,
    },
    /// A budget without a weight of its penalty.
    #[error(
        "--budget = {budget} has no effect while the weight of its penalty is 0; give --budget-penalty 1 with it"
    )]
    UselessBudget {
        /// The budget.
        budget: f64,
    },
    /// Flags that do not fit the optimizer or the schedule.
    #[error(transparent)]
    Choice(#[from] ChoiceError),
    /// Settings about images that do not fit the data.
    #[error(transparent)]
    Images(#[from] ImageError),
    /// The settings do not fit the network.
    #[error(transparent)]
    Settings(paramalloc_core::error::Error),
    /// The file that `--config` names is wrong.
    #[error("{}: {source}", path.display())]
    ConfigFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ConfigError,
    },
    /// The file that `--config` names cannot be read.
    #[error("cannot read the config file {}: {source}", path.display())]
    ReadConfigFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A config file of another experiment.
    #[error("the config file is of the experiment `{found}`, but this is `{expected}`")]
    ConfigOfOther {
        /// The experiment of the file.
        found: String,
        /// This experiment.
        expected: String,
    },
    /// A flag, or an option of the experiment, is not what it should be.
    #[error("[options]: {0}")]
    Options(#[source] ConfigError),
    /// The options of an experiment are not written as a JSON object.
    #[error("the options of an experiment must be a struct with named fields")]
    OptionsNotAStruct,
    /// What an experiment refuses about its options.
    #[error(transparent)]
    Refused(Box<dyn std::error::Error + Send + Sync>),

    // Run directories.
    /// The system refuses to read, write or remove a file or directory.
    #[error("cannot {action} {}: {source}{}", path.display(), if is_full(.source) { "; make room" } else { "" })]
    Io {
        /// What was tried, for example `read`.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file of a run in training cannot be written.
    #[error("cannot write {}: {source}{}", path.display(), if is_full(.source) { "; make room, then resume the run" } else { "" })]
    Save {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A directory for a new run already holds one.
    #[error("{} already holds a run; give another --logdir, or resume that run: {} resume {}", path.display(), crate::shell::program(), shell(.path))]
    HoldsRun {
        /// The directory.
        path: PathBuf,
    },
    /// `--logdir` names a file.
    #[error("--logdir {} is a file; give a directory", path.display())]
    NotADirectory {
        /// The file.
        path: PathBuf,
    },
    /// Another process trains in the directory.
    #[error("another process is training in {}; wait for it, or give another --logdir", path.display())]
    Training {
        /// The directory.
        path: PathBuf,
    },
    /// Another process evaluates the run in the directory.
    #[error("another process is evaluating {}; wait for it", path.display())]
    Evaluating {
        /// The directory.
        path: PathBuf,
    },
    /// A directory that should hold a run holds none.
    #[error("{} holds no run; give the directory that a run was saved to{}", path.display(), example(.inside))]
    NoRun {
        /// The directory.
        path: PathBuf,
        /// A directory in it that holds one.
        inside: Option<PathBuf>,
    },
    /// What is stored of a run cannot be used.
    #[error("{}: {source}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ConfigError,
    },
    /// A file of a run is not what its manifest says.
    #[error("{}: {}; put that one back from a copy", path.display(), ConfigError::Changed)]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// What is stored of a run is lost.
    #[error("{}: {source}; put it back from a copy: no checkpoint has the settings of the run", path.display())]
    LostRecord {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ConfigError,
    },
    /// The run is of another experiment.
    #[error("{} holds a run of `{found}`, but this is `{expected}`", path.display())]
    OtherExperiment {
        /// The directory of the run.
        path: PathBuf,
        /// The experiment of the run.
        found: String,
        /// This experiment.
        expected: String,
    },
    /// The run has other settings than the command asks for.
    #[error("the run in {} was begun with {}: {advice}, or begin another run with another --logdir", path.display(), listed(.differences))]
    OtherSettings {
        /// The directory of the run.
        path: PathBuf,
        /// The settings that differ.
        differences: Vec<Difference>,
        /// What to do about it.
        advice: String,
    },
    /// The data are not those of the run.
    #[error("{difference}: the run in {} was trained on other data; put them back, or name the directory with its data: --data-dir DIR", path.display())]
    OtherData {
        /// The directory of the run.
        path: PathBuf,
        /// The first difference.
        difference: String,
    },
    /// A finished run on other data than the command asks for.
    #[error("the run in {} was trained on {found}, not on --data {wanted}; leave that out, or begin another run with another --logdir", path.display())]
    OtherDataChoice {
        /// The directory of the run.
        path: PathBuf,
        /// Name of its data.
        found: String,
        /// What `--data` asks for.
        wanted: &'static str,
    },
    /// A checkpoint cannot be used.
    #[error("{}: {source}", path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// Why.
        source: CheckpointError,
    },
    /// No checkpoint of a run can be used.
    #[error("no checkpoint can be used ({}: {source}); {}", path.display(), .source.advice(.run))]
    NoCheckpoint {
        /// The directory of the run.
        run: PathBuf,
        /// The checkpoint about which most can be done.
        path: PathBuf,
        /// Why it cannot be used.
        source: CheckpointError,
    },

    /// A run cannot start with the parameters of another.
    #[error(transparent)]
    Init(#[from] InitError),

    // Tasks and training.
    /// A task that the network cannot learn.
    #[error("{task}, {split}: {source}")]
    Task {
        /// Name of the task.
        task: String,
        /// Name of the split, `training` for the training examples.
        split: String,
        /// What is wrong.
        source: TaskError,
    },
    /// A task that is evaluated on other splits.
    #[error("{task} is evaluated on other splits than {other}; all tasks need the same")]
    OtherSplits {
        /// Name of the task.
        task: String,
        /// Name of the first task.
        other: String,
    },
    /// Weights of tasks or classes that there are not.
    #[error(transparent)]
    Weights(#[from] WeightError),
    /// A task step failed.
    #[error("{task}: {source}")]
    Step {
        /// Name of the task.
        task: String,
        /// Why.
        source: paramalloc_core::error::Error,
    },
    /// An evaluation failed.
    #[error("{task}: the evaluation of its {split} examples failed: {source}")]
    Evaluation {
        /// Name of the task.
        task: String,
        /// Name of the split.
        split: String,
        /// Why.
        source: paramalloc_core::error::Error,
    },
    /// Ctrl-C, or a request to terminate; what was learned is saved.
    #[error("interrupted")]
    Interrupted,

    /// A task cannot be judged by its metric.
    #[error(transparent)]
    Metric(#[from] MetricError),

    // Evaluation and pruning.
    /// There was no run within the time to wait for one.
    #[error("no run in {} after {seconds} s: giving up; start the training, or give the directory that its heading names", path.display())]
    NoRunInTime {
        /// The directory.
        path: PathBuf,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The directory was given to another run meanwhile.
    #[error("{} holds another run by now, with {difference}; start this program again to evaluate that", path.display())]
    Replaced {
        /// The directory.
        path: PathBuf,
        /// How the runs differ.
        difference: String,
    },
    /// No checkpoint could be evaluated.
    #[error("{} has no checkpoint that can be used: nothing was evaluated", path.display())]
    NothingEvaluated {
        /// The directory of the run.
        path: PathBuf,
    },
    /// A line of `evaluations.jsonl` cannot be read.
    #[error("{} is broken at line {line}: {source}; move it away", path.display())]
    BrokenEvaluations {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// This program does not know a layer or a router of a run's network.
    #[error("{source}: {program} {command} {}", shell(.path))]
    UnknownPart {
        /// The directory of the run.
        path: PathBuf,
        /// What is not known.
        source: paramalloc_core::error::Error,
        /// The program of the run, as a shell takes it.
        program: String,
        /// The command to give it.
        command: &'static str,
    },
    /// This program does not know the data source of a run.
    #[error("the run in {} takes its tasks from the source `{name}`, which only its own program knows: {program} {command} {}", path.display(), shell(.path))]
    UnknownSource {
        /// The directory of the run.
        path: PathBuf,
        /// Name of the source.
        name: String,
        /// The program of the run, as a shell takes it.
        program: String,
        /// The command to give it.
        command: &'static str,
    },
    /// Only the run's own program can do something with it, to which it adds an
    /// optimizer for example.
    #[error("the run in {} has {what} that only its own program knows: {program} {command} {}", path.display(), shell(.path))]
    OwnAdditions {
        /// The directory of the run.
        path: PathBuf,
        /// What it adds.
        what: &'static str,
        /// The program of the run, as a shell takes it.
        program: String,
        /// The command to give it.
        command: &'static str,
    },
    /// There is no such task.
    #[error("there is no task `{wanted}`; the tasks are {}, or 0 to {}", tasks.join(", "), tasks.len().saturating_sub(1))]
    NoTask {
        /// What was asked for.
        wanted: String,
        /// Names of the tasks.
        tasks: Vec<String>,
    },
    /// Runs cannot predict.
    #[error(transparent)]
    Predict(#[from] PredictError),
    /// A file that is to be written cannot be.
    #[error("{} {problem}", path.display())]
    Out {
        /// The file.
        path: PathBuf,
        /// The rest of the sentence.
        problem: &'static str,
    },
    /// There is no directory for a file that is to be written.
    #[error("there is no directory {}; make it first", path.display())]
    NoParent {
        /// The directory.
        path: PathBuf,
    },
    /// A pruned network gives other logits than the whole one.
    #[error(
        "the logits of the pruned network differ, so it was not kept; this is a bug of the program"
    )]
    OtherLogits,

    /// A sweep cannot begin, or some of its runs failed.
    #[error(transparent)]
    Sweep(#[from] SweepError),

    // Everything else.
    /// Standard output cannot be written.
    #[error("cannot write to standard output: {0}")]
    Output(#[source] io::Error),
    /// The system refuses to tell of Ctrl-C.
    #[error("cannot listen for Ctrl-C: {0}")]
    Signals(#[source] ctrlc::Error),
    /// Something cannot be written as JSON.
    #[error("cannot write {what} as JSON: {source}")]
    Json {
        /// What was to be written.
        what: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// An error of networks and training.
    #[error(transparent)]
    Core(#[from] paramalloc_core::error::Error),
    /// The files of a run cannot be read.
    #[error(transparent)]
    Summary(#[from] paramalloc_core::summary::SummaryError),
    /// A run that another process trains cannot be read.
    #[error(transparent)]
    Run(#[from] paramalloc_plot::Error),
    /// An error of a data set.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The directory with the data is not there.
    #[error("there is no directory {} with data; --data-dir names the one where they are", path.display())]
    NoDataDir {
        /// The directory.
        path: PathBuf,
        /// What is wrong for it.
        source: DataError,
    },
    /// What an implementation outside of this crate says: a logger, a
    /// subcommand.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

/// `, runs/a for example`.
fn example(inside: &Option<PathBuf>) -> String {
    inside.as_ref().map_or(String::new(), |inside| {
        format!(", {} for example", inside.display())
    })
}
