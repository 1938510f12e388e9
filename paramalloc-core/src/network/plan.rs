//! A network resolved for a number of tasks: every operation with its shapes
//! and with the place of its parameters in one flat vector.

mod build;
mod cost;

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use crate::error::Error;
use crate::layers::spec::{Conv, Custom, Init, Pool};
use crate::loss::{Loss, TaskLoss};
use crate::network::shape::{Axis, Dims};
use crate::network::{Field, Head, Network, Outputs, OwnRouter};
use build::Builder;

/// The operations and parameters of a network.
#[derive(Debug)]
pub struct Plan {
    /// Name of the network.
    pub name: String,
    /// Shape of one example.
    pub input: Dims,
    /// The fields, in data-flow order.
    pub fields: Vec<Arc<FieldPlan>>,
    /// One head per task.
    pub heads: Vec<HeadPlan>,
    /// The task loss.
    pub loss: Loss,
    /// All model parameters in the order of their place in the flat vector;
    /// router logits are kept apart.
    pub parameters: Vec<ParameterPlan>,
    /// The dropout operations, in order.
    pub dropouts: Vec<DropoutPlan>,
}

/// A dropout operation's mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DropoutPlan {
    /// Values per example.
    pub values: usize,
    /// One value in this many is dropped.
    pub one_in: usize,
}

/// One field.
#[derive(Debug)]
pub struct FieldPlan {
    /// Name of the field.
    pub name: String,
    /// Shape of one example going in.
    pub input: Dims,
    /// Shape of one example coming out.
    pub output: Dims,
    /// The components; a shared field has one.
    pub components: Vec<Stack>,
    /// Place among the routed layers; absent for a shared field.
    pub routed: Option<usize>,
    /// Place of the first component among those of all routed layers.
    pub first_component: usize,
    /// The router that the field names itself.
    pub router: Option<OwnRouter>,
}

/// A stack of operations with its own parameters.
#[derive(Debug)]
pub struct Stack {
    /// The operations, in order; identity and flatten leave no operation.
    pub operations: Vec<Operation>,
    /// All its parameters.
    pub parameters: Range<usize>,
    /// The stack as written.
    pub label: String,
    /// [`crate::layers::Spec::short_name`] of it.
    pub name: String,
}

/// One operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What it computes.
    pub kind: Kind,
    /// True if a ReLU follows; it is applied in place.
    pub relu: bool,
    /// Shape of one example going in.
    pub input: Dims,
    /// Shape of one example coming out.
    pub output: Dims,
    /// Place of its parameters: weight then bias, gamma then beta, or a user
    /// layer's in order.
    pub parameters: Range<usize>,
}

/// Kinds of operations.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Convolution and bias; [`crate::layers::Spec::Linear`] is one on a 1x1 image.
    Conv(Conv, Axis, Axis),
    /// Pooling: rows, columns.
    Pool(Pool, Axis, Axis),
    /// Group normalisation with this many groups.
    GroupNorm(usize),
    /// A ReLU that follows no operation it could be applied in place to.
    ReLU,
    /// Dropout: place among the dropout operations, scale of kept values.
    Dropout(usize, f32),
    /// A user's layer.
    Custom(Custom),
}

/// A task's head.
#[derive(Debug)]
pub struct HeadPlan {
    /// Width.
    pub outputs: usize,
    /// The linear layer.
    pub stack: Stack,
}

/// One parameter.
#[derive(Clone, Debug)]
pub struct ParameterPlan {
    /// Path: `conv1.0.0.weight`, `stem.1.gamma`, and of task 3 in a head field
    /// called `head` `head.3.bias`. No other parameter has it.
    pub path: String,
    /// Shape.
    pub shape: Vec<usize>,
    /// Place in the flat vector.
    pub range: Range<usize>,
    /// Initial values.
    pub init: Init,
    /// True if the L2 penalty counts it: all but biases.
    pub decayed: bool,
}

impl Plan {
    /// The plan of `network` with one head width per task in `outputs`.
    ///
    /// # Errors
    /// If shapes do not fit, the number of tasks or the widths differ from
    /// what the network says, two fields (the head among them) or two
    /// parameters of a layer have one name, or a field has no component, or
    /// several and is not routed.
    pub fn new(network: &Network, outputs: &[usize]) -> Result<Self, Error> {
        check_tasks(&network.name, network.tasks, outputs.len())?;
        Self::of_parts(network, &network.head, outputs)
    }

    /// The plan of one task alone, whose head is of width `outputs`.
    pub(crate) fn of_task(network: &Network, outputs: usize) -> Result<Self, Error> {
        let mut head = network.head.clone();
        head.outputs = Outputs::FromData;
        Self::of_parts(network, &head, &[outputs])
    }

    fn of_parts(network: &Network, head: &Head, outputs: &[usize]) -> Result<Self, Error> {
        let (name, input, fields) = (&*network.name, network.input, &*network.fields);
        check_outputs(name, head, outputs)?;
        check_names(name, fields, head)?;
        if input.is_empty() {
            return Err(Error::new(format!(
                "an example of `{name}` has no values: {input}; give every size at least 1"
            )));
        }
        let (mut builder, mut shape) = (Builder::default(), input);
        let mut plans = Vec::new();
        for field in fields {
            let before = plans.last().map(|f: &Arc<FieldPlan>| f.name.as_str());
            let plan = builder.field(field, shape, before)?;
            shape = plan.output;
            plans.push(Arc::new(plan));
        }
        if shape != Dims::features(head.input) {
            return Err(Error::new(format!(
                "the head `{}` of `{name}` takes {} features, but gets {shape}; change its input",
                head.name, head.input
            )));
        }
        let heads = (outputs.iter().enumerate())
            .map(|(task, &outputs)| builder.head(task, head, outputs))
            .collect::<Result<_, _>>()?;
        check_paths(name, &builder.parameters)?;
        Ok(Self {
            name: name.to_string(),
            input,
            fields: plans,
            heads,
            loss: head.loss.clone(),
            parameters: builder.parameters,
            dropouts: builder.dropouts,
        })
    }

    /// The task loss. An engine has made sure that there is one.
    pub(crate) fn bound_loss(&self) -> &'static dyn TaskLoss {
        self.loss
            .task_loss()
            .expect("a loss that an engine has accepted")
    }

    /// Checks that every layer of a user's own has its forward pass, and a
    /// loss its own, as an engine needs it.
    ///
    /// # Errors
    /// Names a layer or a loss that `Network::bind` has not found.
    pub(crate) fn check_bound(&self) -> Result<(), Error> {
        if self.loss.task_loss().is_none() {
            return Err(Error::Unbound {
                network: self.name.clone(),
                what: "loss",
                name: self.loss.name().to_string(),
            });
        }
        let stacks = self.fields.iter().flat_map(|field| &field.components);
        for operation in stacks.flat_map(|stack| &stack.operations) {
            if let Kind::Custom(custom) = &operation.kind
                && custom.layer.is_none()
            {
                return Err(Error::Unbound {
                    network: self.name.clone(),
                    what: "layer",
                    name: custom.name.to_string(),
                });
            }
        }
        Ok(())
    }

    /// Length of the flat vector of model parameters.
    pub fn parameter_len(&self) -> usize {
        self.parameters.last().map_or(0, |p| p.range.end)
    }

    /// The routed fields, in order.
    pub fn routed(&self) -> impl Iterator<Item = &FieldPlan> {
        (self.fields.iter().map(Arc::as_ref)).filter(|f| f.routed.is_some())
    }

    /// Number of features that reach the heads: there for tests.
    pub fn features(&self) -> usize {
        self.heads[0].stack.operations[0].input.channels
    }
}

fn check_tasks(name: &str, tasks: Option<usize>, given: usize) -> Result<(), Error> {
    match tasks {
        Some(tasks) if tasks != given => Err(Error::new(format!(
            "`{name}` has {tasks} tasks, but the data has {given}; change `tasks = {tasks}` or the data"
        ))),
        _ => Ok(()),
    }
}

/// A field's name is the start of its parameters' paths.
fn check_names(name: &str, fields: &[Field], head: &Head) -> Result<(), Error> {
    let names = fields.iter().map(|field| &*field.name).chain([&*head.name]);
    match first_repeated(names) {
        Some(repeated) => Err(Error::new(format!(
            "two fields of `{name}` are called `{repeated}`; give each a name of its own"
        ))),
        None => Ok(()),
    }
}

/// A checkpoint finds parameters by their paths.
fn check_paths(name: &str, parameters: &[ParameterPlan]) -> Result<(), Error> {
    match first_repeated(parameters.iter().map(|p| p.path.as_str())) {
        Some(repeated) => Err(Error::new(format!(
            "two parameters of `{name}` are called `{repeated}`; give each parameter of a layer a `kind` of its own"
        ))),
        None => Ok(()),
    }
}

fn first_repeated<'a>(mut names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = HashSet::new();
    names.find(|name| !seen.insert(*name))
}

fn check_outputs(name: &str, head: &Head, outputs: &[usize]) -> Result<(), Error> {
    if outputs.is_empty() {
        return Err(Error::new(format!("`{name}` needs at least one task")));
    }
    for (task, &width) in outputs.iter().enumerate() {
        let declared = match &head.outputs {
            Outputs::Equal(width) => Some(*width),
            Outputs::PerTask(widths) => widths.get(task).copied(),
            Outputs::FromData => None,
        };
        if width == 0 || declared.is_some_and(|declared| declared != width) {
            let declared = declared.map_or("at least 1".into(), |d| d.to_string());
            return Err(Error::new(format!(
                "task {task} has {width} outputs in the data, but the head `{}` of `{name}` gives {declared}",
                head.name
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
