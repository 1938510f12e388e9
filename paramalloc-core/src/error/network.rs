//! Errors of networks.

use crate::network::shape::Dims;

/// What is wrong with a network, or how it does not fit its tasks.
///
/// Tasks and components count from 0.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NetworkError {
    /// A network that breaks a rule that has no variant of its own, in the
    /// words in which `#[multitask]` refuses it while compiling.
    #[error("{problem}")]
    Rule {
        /// Name of the network.
        network: String,
        /// The field that does not fit, where it is one.
        field: Option<String>,
        /// What is wrong, and what to write instead.
        problem: String,
    },
    /// A layer does not fit what reaches it.
    #[error("{problem}")]
    Shape {
        /// Name of the network.
        network: String,
        /// The field.
        field: String,
        /// The layer, as its type is called.
        layer: String,
        /// Its index in its stack; at index 0 the shape comes from the field
        /// before.
        operation: usize,
        /// The alternative of `AnyOf`, where the field has several.
        component: Option<usize>,
        /// The shape that reaches it.
        given: Dims,
        /// What is wrong, and what to write instead.
        problem: String,
    },
    /// A field has a number of components that its sharing cannot have: a
    /// routed one too few, or a shared one several.
    #[error("{problem}")]
    Components {
        /// Name of the network.
        network: String,
        /// The field.
        field: String,
        /// Its components.
        components: usize,
        /// What is wrong, and what to write instead.
        problem: String,
    },
    /// Two fields of a network, the head among them, or two parameters of a
    /// layer have one name.
    #[error("two {what} of `{network}` are called `{name}`; {}", match *.what {
        "parameters" => "give each parameter of a layer a `kind` of its own",
        _ => "give each a name of its own",
    })]
    SameName {
        /// Name of the network.
        network: String,
        /// `fields` or `parameters`.
        what: &'static str,
        /// The name: of parameters, their path.
        name: String,
    },
    /// The data have another number of tasks than the network.
    #[error(
        "`{network}` has {tasks} tasks, but the data has {found}; change `tasks = {tasks}` or the data"
    )]
    TaskCount {
        /// Name of the network.
        network: String,
        /// Its tasks.
        tasks: usize,
        /// Tasks of the data.
        found: usize,
    },
    /// The data have another number of outputs for a task than its head, or
    /// none.
    #[error(
        "task {task} has {found} outputs in the data, but the head `{head}` of `{network}` gives {}",
        .declared.map_or("at least 1".to_string(), |declared| declared.to_string())
    )]
    HeadWidth {
        /// Name of the network.
        network: String,
        /// Name of the head.
        head: String,
        /// The task.
        task: usize,
        /// Outputs in the data.
        found: usize,
        /// Outputs of the head, where the network says it.
        declared: Option<usize>,
    },
    /// A task has another loss than the one that the network fixes for it.
    #[error(
        "task {task} asks for the loss {found}, but the head `{head}` of `{network}` says {declared} for it; leave one of the two out"
    )]
    TaskLoss {
        /// Name of the network.
        network: String,
        /// Name of the head.
        head: String,
        /// The task.
        task: usize,
        /// The task's loss.
        found: String,
        /// The network's.
        declared: String,
    },
    /// Nothing says which loss a task has.
    #[error(
        "the head `{head}` of `{network}` takes the loss of each task from the data, but those of task {task} name none; give the tasks, or `TaskHead::loss`"
    )]
    NoLoss {
        /// Name of the network.
        network: String,
        /// Name of the head.
        head: String,
        /// The task.
        task: usize,
    },
    /// The network is larger than any that this library runs.
    #[error("`{network}` has {found} {what}, but may have {limit}")]
    TooLarge {
        /// Name of the network.
        network: String,
        /// What there is too much of, `parameters` for example.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A task's weight is no number above 0.
    #[error("task {task} has the weight {weight}; write a number above 0")]
    TaskWeight {
        /// The task.
        task: usize,
        /// The weight.
        weight: f32,
    },
    /// Class weights that a task cannot have.
    #[error("the class weights of task {task} do not fit: {problem}")]
    ClassWeights {
        /// The task.
        task: usize,
        /// What is wrong with them, and what to write.
        problem: String,
    },
    /// Several fields break rules, each by itself.
    #[error("{}", .problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; also "))]
    Several {
        /// What is wrong with each, at least two.
        problems: Vec<NetworkError>,
    },
    /// A network with gates is to be pruned.
    #[error(
        "`{field}` of `{network}` has gates, which a pruned network cannot have; export the task as an ONNX file, or use the run as it is"
    )]
    PruneGates {
        /// Name of the network.
        network: String,
        /// Name of the field.
        field: String,
    },
    /// A method for a network of which gates weigh all routed fields.
    #[error(
        "gates weigh all routed fields of `{network}`, so the method {method} would have no effect; leave it out"
    )]
    MethodOfGates {
        /// Name of the network.
        network: String,
        /// The method.
        method: String,
    },
    /// A layer of the user's own gives another shape than its rule says.
    #[error(
        "the layer `{layer}` of `{network}` gives a batch of shape {found:?}, but its `RULE` says {said:?}; change one of the two"
    )]
    LayerShape {
        /// Name of the network.
        network: String,
        /// Name of the layer.
        layer: String,
        /// What it gives: batch, channels, rows, columns.
        found: [usize; 4],
        /// What its rule says.
        said: [usize; 4],
    },
    /// A layer of the user's own gives an example another output beside
    /// another example than alone.
    #[error(
        "the layer `{layer}` of `{network}` mixes the examples of a batch: an example has another output beside a second one than alone; compute each example by itself"
    )]
    MixesExamples {
        /// Name of the network.
        network: String,
        /// Name of the layer.
        layer: String,
    },
    /// A network that was read from a file has a part that no
    /// [`Registry`](crate::network::Registry) of the program has.
    #[error(
        "`{network}` has a {what} `{name}` of the user's own, which this program does not know; run it with the program that defines the {what}"
    )]
    Unbound {
        /// Name of the network.
        network: String,
        /// `layer`, `router` or `loss`.
        what: &'static str,
        /// Name of the part.
        name: String,
    },
}
