//! A network resolved for a number of tasks: every operation with its shapes
//! and with the range of its parameters in one flat vector.

mod build;
mod cost;
mod fields;
mod parts;
mod size;
mod tasks;

use std::collections::HashSet;
use std::sync::Arc;

use super::field::{Head, Outputs};
use super::network::Network;
use super::shape::Dims;
use super::task_head::TaskHead;
use super::validate;
use crate::error::{Error, NetworkError};
use crate::loss::Loss;
use build::Builder;

pub use crate::layers::operation::Kind;
pub use parts::{DropoutPlan, FieldPlan, HeadPlan, Operation, ParameterPlan, Stack};

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
    /// All model parameters in the order of the flat vector; router logits are
    /// stored elsewhere.
    pub parameters: Vec<ParameterPlan>,
    /// The dropout operations, in order.
    pub dropouts: Vec<DropoutPlan>,
}

impl Plan {
    /// The plan of `network` for these tasks: the width of each one's head, its
    /// [`TaskHead`] or the [`Task`](crate::data::Task) itself.
    ///
    /// # Errors
    /// - [`NetworkError::Shape`]: a layer does not fit what reaches it.
    /// - [`NetworkError::Components`]: a field has no component, or several and is
    ///   not routed.
    /// - [`Error::Network`]: the input has no values, there is no task, or
    ///   the heads do not take what reaches them.
    /// - [`NetworkError::Several`]: some of these of several fields.
    /// - [`NetworkError::TaskCount`], [`NetworkError::HeadWidth`],
    ///   [`NetworkError::TaskLoss`]: `tasks` are not what the network says.
    /// - [`NetworkError::TaskWeight`], [`NetworkError::ClassWeights`]: a weight
    ///   is out of its range, or classes are weighted that are not there.
    /// - [`NetworkError::SameName`]: two fields (the head among them) or two
    ///   parameters of a layer have one name.
    /// - [`NetworkError::TooLarge`]: a number in a file was changed, most likely.
    pub fn new<T>(network: &Network, tasks: &[T]) -> Result<Self, Error>
    where
        for<'a> &'a T: Into<TaskHead>,
    {
        let tasks: Vec<TaskHead> = tasks.iter().map(Into::into).collect();
        check_tasks(&network.name, network.tasks, tasks.len())?;
        Self::of_parts(network, &network.head, &tasks)
    }

    /// The plan of task `task` alone, whose head is of width `outputs`.
    pub(crate) fn of_task(network: &Network, task: usize, outputs: usize) -> Result<Self, Error> {
        let mut head = network.head.clone();
        let (_, loss) = head.of_task(task);
        // The loss has no part in what a task alone computes.
        let loss = loss.cloned().unwrap_or(Loss::SoftmaxCrossEntropy);
        (head.outputs, head.loss) = (Outputs::FromData, Some(loss));
        Self::of_parts(network, &head, &[TaskHead::new(outputs)])
    }

    fn of_parts(network: &Network, head: &Head, tasks: &[TaskHead]) -> Result<Self, Error> {
        let (name, input) = (&*network.name, network.input);
        let losses = tasks::check(name, head, tasks)?;
        check_distinct(name, "fields", network.field_names().into_iter())?;
        validate::refuse(name, None, validate::input(input))?;
        fields::check(network, head, tasks.len())?;
        let mut builder = Builder::new(input, tasks.len());
        let mut plans: Vec<Arc<FieldPlan>> = Vec::new();
        for field in network.fields.iter() {
            let shape = plans.last().map_or(input, |field| field.output);
            plans.push(Arc::new(builder.field(field, shape)));
        }
        check_embeddings(name, &plans)?;
        let shape = plans.last().map_or(input, |field| field.output);
        let last = network.fields.last();
        let below = last.is_some_and(|field| field.is_below_head(&head.name));
        let heads: Vec<HeadPlan> = (tasks.iter().cloned().zip(losses).enumerate())
            .map(|(task, of)| builder.head(task, (head, below), shape, of))
            .collect();
        size::check_all(name, (input, &plans, &heads), &builder.parameters)?;
        let paths = builder.parameters.iter().map(|p| p.path.as_str());
        check_distinct(name, "parameters", paths)?;
        Ok(Self {
            name: name.to_string(),
            input,
            fields: plans,
            heads,
            parameters: builder.parameters,
            dropouts: builder.dropouts,
        })
    }

    /// Checks that everything that a stored network can only name is there, as
    /// an engine needs it: the layers, the routers and the loss of a user's
    /// own.
    ///
    /// # Errors
    /// [`NetworkError::Unbound`] names the first one that `Network::bind` has not
    /// found.
    pub(crate) fn check_bound(&self) -> Result<(), Error> {
        let mut losses = self.heads.iter().map(|head| &head.loss);
        if let Some(loss) = losses.find(|loss| loss.task_loss().is_none()) {
            return Err(self.unbound("loss", loss.name()));
        }
        for field in &self.fields {
            if let Some(own) = &field.router
                && own.router().is_none()
            {
                return Err(self.unbound("router", own.name()));
            }
            let stacks = field.components.iter();
            for operation in stacks.flat_map(|stack| &stack.operations) {
                if let Kind::Custom(custom) = &operation.kind
                    && custom.layer.is_none()
                {
                    return Err(self.unbound("layer", &custom.name));
                }
            }
        }
        Ok(())
    }

    /// A layer or a router that is only a name here.
    pub(crate) fn unbound(&self, what: &'static str, name: &str) -> Error {
        Error::Network(NetworkError::Unbound {
            network: self.name.clone(),
            what,
            name: name.to_string(),
        })
    }

    /// Length of the flat vector of model parameters.
    pub fn parameter_len(&self) -> usize {
        self.parameters.last().map_or(0, |p| p.range.end)
    }

    /// The routed fields, in order.
    pub fn routed(&self) -> impl Iterator<Item = &FieldPlan> {
        (self.fields.iter().map(Arc::as_ref)).filter(|f| f.routed.is_some())
    }

    /// Number of different indices that its inputs may be, where it looks
    /// them up: the rows of its smallest [`Embedding`](crate::layers::Embedding).
    pub fn indices(&self) -> Option<usize> {
        let first = self.fields.first()?;
        let operations = first.components.iter().filter_map(|c| c.operations.first());
        let rows = operations.filter_map(|operation| match &operation.kind {
            Kind::Embedding(table) => Some(table.rows),
            _ => None,
        });
        rows.min()
    }

    /// Number of features that reach the heads: there for tests.
    pub fn features(&self) -> usize {
        self.heads[0].stack.operations[0].input.channels
    }
}

/// An embedding reads indices, and only inputs are some.
fn check_embeddings(name: &str, fields: &[Arc<FieldPlan>]) -> Result<(), Error> {
    for (index, field) in fields.iter().enumerate() {
        for component in &field.components {
            let later = usize::from(index == 0);
            let mut late = component.operations.iter().skip(later);
            if late.any(|operation| matches!(operation.kind, Kind::Embedding(_))) {
                let problem = validate::late_embedding(&field.name);
                validate::refuse(name, Some(&field.name), Some(problem))?;
            }
        }
    }
    Ok(())
}

fn check_tasks(name: &str, tasks: Option<usize>, given: usize) -> Result<(), Error> {
    match tasks {
        Some(tasks) if tasks != given => Err(Error::Network(NetworkError::TaskCount {
            network: name.to_string(),
            tasks,
            found: given,
        })),
        _ => Ok(()),
    }
}

/// A field's name is the start of its parameters' paths, and a checkpoint
/// finds parameters by their paths.
fn check_distinct<'a>(
    network: &str,
    what: &'static str,
    mut names: impl Iterator<Item = &'a str>,
) -> Result<(), Error> {
    let mut seen = HashSet::new();
    match names.find(|name| !seen.insert(*name)) {
        Some(name) => Err(Error::Network(NetworkError::SameName {
            network: network.to_string(),
            what,
            name: name.to_string(),
        })),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
