//! What a batch or a set of examples must be before an engine gets it: the
//! engines take all of this for granted.

use super::trainer::{Noise, Trainer};
use crate::data::{Examples, Targets};
use crate::error::Error;
use crate::network::Loss;
use crate::network::plan::Plan;

impl Trainer {
    /// Number of examples of a training batch that fits the network.
    ///
    /// # Errors
    /// If there is no such task, no example or a part of one, or the targets
    /// are not those of the network's loss, one per example (or output), each
    /// label below the task's number of outputs.
    pub(super) fn batch_len(
        &self,
        task: usize,
        inputs: &[f32],
        targets: Targets<'_>,
    ) -> Result<usize, Error> {
        let len = self.input_count(task, inputs)?;
        check_targets(&self.plan, task, len, targets)?;
        Ok(len)
    }

    /// Number of examples that `inputs` are, at least 1.
    ///
    /// # Errors
    /// If there is no such task, no example or a part of one.
    pub(super) fn input_count(&self, task: usize, inputs: &[f32]) -> Result<usize, Error> {
        self.check_task(task)?;
        let (len, size) = (inputs.len(), self.plan.input.len());
        if len == 0 || !len.is_multiple_of(size) {
            return Err(Error::new(format!(
                "task {task} has {len} input values, but an example of `{}` has {size} ({}); give one or more whole examples",
                self.plan.name, self.plan.input
            )));
        }
        Ok(len / size)
    }

    /// Checks a set of examples before it is evaluated.
    ///
    /// # Errors
    /// As [`Self::batch_len`].
    pub(super) fn check_examples(&self, task: usize, examples: &dyn Examples) -> Result<(), Error> {
        self.check_task(task)?;
        if examples.is_empty() {
            return Err(Error::new(format!(
                "task {task} has no examples to evaluate; give at least one"
            )));
        }
        check_targets(&self.plan, task, examples.len(), examples.targets())
    }

    /// Checks that the random choices have the lengths that a batch of `len`
    /// needs.
    ///
    /// # Errors
    /// Says how many values there are and how many are needed.
    pub(super) fn check_noise(&self, noise: &Noise, len: usize) -> Result<(), Error> {
        let (given, needed) = (noise.uniforms.len(), self.routers.uniform_len());
        if given != needed {
            return Err(Error::new(format!(
                "the noise has {given} uniform draws, but the routers need {needed}; give `Routers::uniform_len` of them"
            )));
        }
        let given = noise.masks.iter().map(Vec::len);
        let needed = self.plan.dropouts.iter().map(|d| len * d.values);
        if !given.clone().eq(needed.clone()) {
            return Err(Error::new(format!(
                "the noise has dropout masks of {:?} values, but a batch of {len} needs {:?}; give `[batch, values]` for each dropout operation",
                given.collect::<Vec<_>>(),
                needed.collect::<Vec<_>>()
            )));
        }
        Ok(())
    }

    fn check_task(&self, task: usize) -> Result<(), Error> {
        let tasks = self.tasks();
        if task < tasks {
            return Ok(());
        }
        Err(Error::new(format!(
            "there is no task {task}; the tasks of `{}` are 0 to {}",
            self.plan.name,
            tasks - 1
        )))
    }
}

/// Checks the targets of `len` examples of a task.
fn check_targets(plan: &Plan, task: usize, len: usize, targets: Targets<'_>) -> Result<(), Error> {
    let (name, outputs) = (plan.name, plan.heads[task].outputs);
    let mistake = match (plan.loss, targets) {
        (Loss::SoftmaxCrossEntropy, Targets::Values(_)) => format!(
            "task {task} has values as targets, but the loss of `{name}` is cross-entropy, which needs a class per example; give `Targets::Classes`, or write `loss = Loss::MeanSquaredError` beside the head's `outputs` for a regression"
        ),
        (Loss::MeanSquaredError, Targets::Classes(_)) => format!(
            "task {task} has classes as targets, but the loss of `{name}` is the mean squared error, which needs values; give `Targets::Values`, or write `classes` at the head for a classification"
        ),
        (_, Targets::Classes(labels)) if labels.len() != len => format!(
            "task {task} has {} labels for {len} examples; give one per example",
            labels.len()
        ),
        (_, Targets::Values(values)) if values.len() != len * outputs => format!(
            "task {task} has {} target values for {len} examples of {outputs} outputs; give {outputs} per example",
            values.len()
        ),
        (_, Targets::Classes(labels)) => match labels.iter().max() {
            Some(&label) if usize::from(label) >= outputs => format!(
                "task {task} has an example of class {label}, but its head gives {outputs} outputs, for the classes 0 to {}; widen the head or mend the labels",
                outputs - 1
            ),
            _ => return Ok(()),
        },
        _ => return Ok(()),
    };
    Err(Error::new(mistake))
}
