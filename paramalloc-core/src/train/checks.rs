//! What a batch or a set of examples must be before an engine gets it: the
//! engines take all of this for granted.

use super::report::Noise;
use super::trainer::Trainer;
use crate::data::{Examples, ExamplesError, Targets};
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
            return Err(Error::InputLength {
                network: self.plan.name.to_string(),
                task,
                found: len,
                example: size,
                shape: self.plan.input.to_string(),
            });
        }
        Ok(len / size)
    }

    /// Checks a set of examples before it is evaluated.
    ///
    /// # Errors
    /// As [`Self::batch_len`].
    pub(super) fn check_examples(&self, task: usize, examples: &Examples) -> Result<(), Error> {
        self.check_task(task)?;
        if examples.is_empty() {
            return Err(Error::NoExamples { task });
        }
        let (found, expected) = (examples.inputs().input_len(), self.plan.input.len());
        let refuse = |source| Err(Error::TaskExamples { task, source });
        if found != expected {
            return refuse(ExamplesError::InputLength {
                network: self.plan.name.to_string(),
                found,
                expected,
                shape: self.plan.input.to_string(),
            });
        }
        if examples.weights().is_some() {
            return refuse(ExamplesError::Weighted);
        }
        check_targets(&self.plan, task, examples.len(), examples.targets())
    }

    /// Checks that the random choices have the lengths that a batch of `len`
    /// needs.
    ///
    /// # Errors
    /// Says how many values there are and how many are needed.
    pub(super) fn check_noise(&self, noise: &Noise, len: usize) -> Result<(), Error> {
        let (found, expected) = (noise.uniforms.len(), self.routers.uniform_len());
        if found != expected {
            return Err(Error::NoiseDraws { found, expected });
        }
        let given = noise.masks.iter().map(Vec::len);
        let needed = self.plan.dropouts.iter().map(|d| len * d.values);
        if !given.clone().eq(needed.clone()) {
            return Err(Error::NoiseMasks {
                found: given.collect(),
                expected: needed.collect(),
                batch: len,
            });
        }
        Ok(())
    }

    fn check_task(&self, task: usize) -> Result<(), Error> {
        let tasks = self.tasks();
        if task < tasks {
            return Ok(());
        }
        Err(Error::NoTask {
            network: self.plan.name.to_string(),
            task,
            tasks,
        })
    }
}

/// Checks the targets of `len` examples of a task.
fn check_targets(plan: &Plan, task: usize, len: usize, targets: Targets<'_>) -> Result<(), Error> {
    let outputs = plan.heads[task].outputs;
    let other_kind = |found, loss: &str| Error::TargetKind {
        network: plan.name.to_string(),
        task,
        found,
        loss: loss.to_string(),
    };
    let error = match (plan.loss, targets) {
        (Loss::SoftmaxCrossEntropy, Targets::Values(_)) => {
            other_kind("values", "cross-entropy, which needs a class per example")
        }
        (Loss::MeanSquaredError, Targets::Classes(_)) => {
            other_kind("classes", "the mean squared error, which needs values")
        }
        (_, Targets::Classes(labels)) if labels.len() != len => Error::LabelCount {
            task,
            found: labels.len(),
            examples: len,
        },
        (_, Targets::Values(values)) if values.len() != len * outputs => Error::ValueCount {
            task,
            found: values.len(),
            examples: len,
            outputs,
        },
        (_, Targets::Classes(labels)) => match labels.iter().max() {
            Some(&label) if usize::from(label) >= outputs => Error::ClassOutOfRange {
                task,
                class: usize::from(label),
                outputs,
            },
            _ => return Ok(()),
        },
        _ => return Ok(()),
    };
    Err(error)
}
