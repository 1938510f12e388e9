//! What can go wrong: one enum, whose variants carry what they are about. The
//! sentence for people is the `Display` form. Files of a run directory have
//! an error of their own, [`crate::summary::SummaryError`].

mod file;
mod make;
mod network;
mod parameter;
mod words;

use std::borrow::Cow;
use std::io;

use words::{alternatives, quoted};

pub use file::FileError;
pub use network::NetworkError;
pub use parameter::ParameterError;

use crate::data::ExamplesError;

/// An error of this crate.
///
/// Tasks, components and steps count from 0.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A network that cannot be, or does not fit its tasks.
    #[error(transparent)]
    Network(#[from] NetworkError),

    // Settings.
    /// A setting is outside of its range.
    #[error("{name} = {value} must be {expected}")]
    Setting {
        /// Name of the setting, as in a file of settings.
        name: Cow<'static, str>,
        /// Its value.
        value: String,
        /// What it must be, for example `a finite number above 0`.
        expected: &'static str,
    },
    /// A setting names a part of the network that it does not have.
    #[error(
        "{setting} names `{path}`, but nothing of `{network}` lies there; its fields are {}", .fields.join(", ")
    )]
    UnknownPath {
        /// `freeze` or `learning_rates`, or what a program calls it.
        setting: Cow<'static, str>,
        /// The path.
        path: String,
        /// Name of the network.
        network: String,
        /// Its fields and its head.
        fields: Vec<String>,
    },
    /// All that could learn is frozen.
    #[error("freeze leaves nothing of `{network}` to learn; take something out of it")]
    NothingLearns {
        /// Name of the network.
        network: String,
    },
    /// There is nothing of this name.
    #[error("`{name}` is not {what}; choose {}", alternatives(.known))]
    UnknownName {
        /// What was named, for example `a method`.
        what: &'static str,
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// An optimizer's state slots have names that a checkpoint cannot use.
    #[error(
        "the optimizer `{optimizer}` has the state slots {slots:?}; give at most {most}, each with a name of its own and without `/`"
    )]
    Slots {
        /// Name of the optimizer.
        optimizer: String,
        /// Its slots.
        slots: Vec<String>,
        /// How many there may be.
        most: usize,
    },
    /// A penalty that cannot be added to those of a trainer.
    #[error(
        "the penalty `{name}` cannot be added to [{}]; give at most {most}, each with a name of its own",
        .present.join(", ")
    )]
    AddPenalty {
        /// Its name.
        name: String,
        /// The penalties that are there.
        present: Vec<String>,
        /// How many there may be.
        most: usize,
    },
    /// Initial probabilities with a number of rows that is not that of tasks.
    #[error(
        "probs_init has {found} rows for {tasks} tasks; write one row per task, or one number for all"
    )]
    ProbsInitRows {
        /// Rows given.
        found: usize,
        /// Tasks.
        tasks: usize,
    },
    /// Initial probabilities with a row that does not have one entry per
    /// component.
    #[error(
        "row {row} of probs_init has {found} entries for {components} components; write one per component"
    )]
    ProbsInitRow {
        /// The row: a task.
        row: usize,
        /// Entries given.
        found: usize,
        /// Components of the routed layer.
        components: usize,
    },
    /// `no_sharing` on a routed layer without a component for each task.
    #[error(
        "no_sharing gives each task a component of its own, but there are {components} components for {tasks} tasks; give the field {tasks} components or choose another method"
    )]
    NoSharing {
        /// Tasks.
        tasks: usize,
        /// Components of the routed layer.
        components: usize,
    },
    /// A method for a field that names its own router.
    #[error(
        "it names a router of its own, so `method` and `probs_init` would have no effect; remove them"
    )]
    OwnRouter,
    /// Router settings for a field with gates.
    #[error("it has gates, for which there are no router settings; remove the field from these")]
    SettingsOfGates,
    /// Router settings for a field that uses the router of another.
    #[error("it uses the router of `{of}`; give the settings to `{of}`")]
    SettingsOfSharedRouter {
        /// The field that has the router.
        of: String,
    },
    /// What is wrong with the settings of one field.
    #[error("field `{field}`: {source}")]
    Field {
        /// Name of the field.
        field: String,
        /// What is wrong.
        source: Box<Error>,
    },
    /// Router settings for a field that is not routed.
    #[error(
        "the router settings name a field `{field}`, but `{network}` has no routed field of that name; {}",
        match .routed.as_slice() {
            [] => "it has none at all".to_string(),
            routed => format!("choose {}", alternatives(&quoted(routed))),
        }
    )]
    NotRouted {
        /// Name of the network.
        network: String,
        /// The field that the settings name.
        field: String,
        /// The routed fields that there are.
        routed: Vec<String>,
    },
    /// A run has more task steps than a 64-bit number counts.
    #[error(
        "{steps_per_task} steps per task of {tasks} tasks are more than can be counted; lower the steps per task"
    )]
    TooManySteps {
        /// Steps of each task.
        steps_per_task: u64,
        /// Tasks.
        tasks: usize,
    },

    // Data.
    /// There is no such task.
    #[error("there is no task {task}; the tasks of `{network}` are 0 to {}", .tasks - 1)]
    NoTask {
        /// Name of the network.
        network: String,
        /// The task.
        task: usize,
        /// Number of tasks.
        tasks: usize,
    },
    /// Inputs that are not whole examples, or none at all.
    #[error(
        "task {task} has {found} input values, but an example of `{network}` has {example} ({shape}); give one or more whole examples"
    )]
    InputLength {
        /// Name of the network.
        network: String,
        /// The task.
        task: usize,
        /// Values given.
        found: usize,
        /// Values of one example.
        example: usize,
        /// Shape of one example.
        shape: String,
    },
    /// Inputs, targets, rows or weights that do not pair up.
    #[error(transparent)]
    Examples(#[from] ExamplesError),
    /// Examples that the network or its loss cannot take.
    #[error("task {task}: {source}")]
    TaskExamples {
        /// The task.
        task: usize,
        /// What is wrong with them.
        source: ExamplesError,
    },
    /// A set without examples.
    #[error("task {task} has no examples to evaluate; give at least one")]
    NoExamples {
        /// The task.
        task: usize,
    },
    /// Targets of another kind than the network's loss needs.
    #[error("task {task} has {found} as targets, which the loss of `{network}`, {loss}, does not take; {}", match *.found {
        "values" => "give `Targets::Classes`, or write `loss = Loss::MeanSquaredError` beside the head's `outputs` for a regression",
        _ => "give `Targets::Values`, or write `classes` at the head for a classification",
    })]
    TargetKind {
        /// Name of the network.
        network: String,
        /// The task.
        task: usize,
        /// What was given: `classes` or `values`.
        found: &'static str,
        /// The loss.
        loss: String,
    },
    /// A label that is no probability.
    #[error(
        "task {task} has the label {value}; give each label as 0 or 1, or NaN where it is missing"
    )]
    LabelOutOfRange {
        /// The task.
        task: usize,
        /// The label.
        value: f32,
    },
    /// A metric that cannot judge what the network's loss learns.
    #[error(
        "the metric {metric} does not take the targets of task {task}, whose loss is {loss}; choose another one"
    )]
    MetricTargets {
        /// The task.
        task: usize,
        /// The metric.
        metric: String,
        /// The loss.
        loss: String,
    },
    /// Another number of labels than examples.
    #[error("task {task} has {found} labels for {examples} examples; give one per example")]
    LabelCount {
        /// The task.
        task: usize,
        /// Labels given.
        found: usize,
        /// Examples.
        examples: usize,
    },
    /// Another number of target values than examples times outputs.
    #[error(
        "task {task} has {found} target values for {examples} examples of {outputs} outputs; give {outputs} per example"
    )]
    ValueCount {
        /// The task.
        task: usize,
        /// Values given.
        found: usize,
        /// Examples.
        examples: usize,
        /// Outputs of the task.
        outputs: usize,
    },
    /// Targets of another number of tasks than there are.
    #[error(
        "a step on all tasks has targets of {found} tasks, but there are {tasks}; give those of each task, NaN or `MISSING_CLASS` where a label is missing"
    )]
    JointTargets {
        /// Tasks with targets.
        found: usize,
        /// Tasks of the network.
        tasks: usize,
    },
    /// Another number of labels or values than pixels.
    #[error(
        "task {task} has {found} target values for {examples} examples, but its head predicts at {pixels} pixels of each; give {expected}, made with `Examples::per_pixel`"
    )]
    PixelCount {
        /// The task.
        task: usize,
        /// Labels or values given.
        found: usize,
        /// Those needed.
        expected: usize,
        /// Examples.
        examples: usize,
        /// Pixels of an example.
        pixels: usize,
    },
    /// A label that the task's head has no output for.
    #[error(
        "task {task} has an example of class {class}, but its head gives {outputs} outputs, for the classes 0 to {}; widen the head or fix the labels",
        .outputs - 1
    )]
    ClassOutOfRange {
        /// The task.
        task: usize,
        /// The label.
        class: usize,
        /// Outputs of the task.
        outputs: usize,
    },
    /// Another number of uniform draws than the routers need.
    #[error(
        "the noise has {found} uniform draws, but the routers need {expected}; give `Routers::uniform_len` of them"
    )]
    NoiseDraws {
        /// Draws given.
        found: usize,
        /// Draws needed.
        expected: usize,
    },
    /// Dropout masks of other lengths than the batch needs.
    #[error(
        "the noise has dropout masks of {found:?} values, but a batch of {batch} needs {expected:?}; give `[batch, values]` for each dropout operation"
    )]
    NoiseMasks {
        /// Lengths of the masks given.
        found: Vec<usize>,
        /// Lengths needed.
        expected: Vec<usize>,
        /// Examples of the batch.
        batch: usize,
    },

    // Training.
    /// An update without a batch before it.
    #[error("an update needs the gradients of a batch; call `compute` before each `update`")]
    NothingComputed,
    /// An input is NaN or infinite.
    #[error("the inputs of task {task} at task step {step} contain NaN or infinity; fix the data")]
    InputNotFinite {
        /// The task.
        task: usize,
        /// The task step.
        step: u64,
    },
    /// The loss became NaN or infinite.
    #[error(
        "the loss of task {task} became {loss} at task step {step}; try a lower learning rate, or set a clip norm"
    )]
    LossNotFinite {
        /// The task.
        task: usize,
        /// The task step.
        step: u64,
        /// The loss.
        loss: f64,
    },
    /// The gradient of a router became NaN or infinite.
    #[error(
        "a router's gradient in task {task} overflowed at task step {step}; try a lower learning rate, or set a clip norm"
    )]
    RouterGradientNotFinite {
        /// The task.
        task: usize,
        /// The task step.
        step: u64,
    },
    /// The gradient of a user's penalty became NaN or infinite.
    #[error(
        "the gradient of a penalty on the parameters is not finite in task {task} at task step {step}; check its `on_parameters`"
    )]
    PenaltyGradientNotFinite {
        /// The task.
        task: usize,
        /// The task step.
        step: u64,
    },
    /// The norm of all gradients, which clipping needs, is not finite.
    #[error(
        "the gradient of task {task} overflowed at task step {step}, so that it cannot be clipped; try a lower learning rate"
    )]
    NormNotFinite {
        /// The task.
        task: usize,
        /// The task step.
        step: u64,
    },
    /// An evaluation gave a loss that is not finite, or a router's parameter
    /// is not.
    #[error(
        "the evaluation of task {task} after {step} task steps gives the loss {loss}, so an input or a parameter is not finite; fix the data, or train with a lower learning rate or a clip norm"
    )]
    EvaluationNotFinite {
        /// The task.
        task: usize,
        /// Task steps done.
        step: u64,
        /// The loss.
        loss: f64,
    },

    /// Parameters that are not those of the network.
    #[error(transparent)]
    Parameter(#[from] ParameterError),

    // Everything else.
    /// A checkpoint or the file of a pruned network cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The system does not start threads.
    #[error("cannot start {count} threads: {source}; try fewer")]
    Threads {
        /// How many.
        count: usize,
        /// What the system said.
        source: io::Error,
    },
    /// The device failed.
    #[error("the device failed: {message}")]
    Device {
        /// What it said.
        message: String,
    },
    /// What an implementation outside of this crate says: a user's router,
    /// loss or optimizer.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}
