//! What a batch or a set of examples must be before an engine gets it: the
//! engines take all of this for granted.

use super::report::Noise;
use super::trainer::Trainer;
use crate::data::{
    BatchTargets, Examples, ExamplesError, InputKind, MISSING_CLASS, TargetKind, Targets,
};
use crate::error::Error;
use crate::network::plan::Plan;

impl Trainer {
    /// Number of examples of a training batch that fits the network.
    ///
    /// # Errors
    /// If there is no such task, no example or a part of one, or the targets
    /// are not those of the network's loss, one per example (or output, or
    /// pixel), each label below the task's number of outputs.
    pub(super) fn batch_len(
        &self,
        task: usize,
        inputs: &[f32],
        targets: BatchTargets<'_>,
    ) -> Result<usize, Error> {
        let len = self.input_count(task, inputs)?;
        check_indices(&self.plan, inputs).map_err(|source| Error::TaskExamples { task, source })?;
        check_targets(&self.plan, task, len, targets.targets)?;
        let pixels = self.plan.heads[task].pixels;
        check_weights(task, (len, pixels), targets.weights)?;
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
        match (self.plan.indices(), examples.inputs().kind()) {
            (None, _) => {}
            (Some(rows), InputKind::Indices { count }) if count as usize <= rows => {}
            (Some(rows), kind) => {
                return refuse(ExamplesError::InputKind {
                    network: self.plan.name.to_string(),
                    rows,
                    found: match kind {
                        InputKind::Indices { count } => Some(count),
                        InputKind::Numbers => None,
                    },
                });
            }
        }
        check_targets(&self.plan, task, examples.len(), examples.targets())?;
        // As many targets may be others: more pixels of fewer values.
        let (found, expected) = (examples.pixels(), self.plan.heads[task].pixels);
        match found == expected {
            true => Ok(()),
            false => refuse(ExamplesError::Pixels { found, expected }),
        }
    }

    /// Checks that the random choices have the lengths that a batch of `len` for
    /// this many tasks needs.
    ///
    /// # Errors
    /// Says how many values there are and how many are needed.
    pub(super) fn check_noise(&self, noise: &Noise, len: usize, tasks: usize) -> Result<(), Error> {
        let (found, expected) = (noise.uniforms.len(), tasks * self.routers.uniform_len());
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

    pub(super) fn check_task(&self, task: usize) -> Result<(), Error> {
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

/// Checks that the inputs are indices that the network can look up, where it
/// does.
fn check_indices(plan: &Plan, inputs: &[f32]) -> Result<(), ExamplesError> {
    let Some(count) = plan.indices() else {
        return Ok(());
    };
    let is_index = |value: f32| value >= 0.0 && value < count as f32 && value.fract() == 0.0;
    let size = plan.input.len();
    match inputs.iter().position(|&value| !is_index(value)) {
        Some(at) => Err(ExamplesError::Index {
            row: at / size,
            column: at % size,
            found: inputs[at].to_string(),
            count,
        }),
        None => Ok(()),
    }
}

/// Checks the targets of `examples` examples of a task.
fn check_targets(
    plan: &Plan,
    task: usize,
    examples: usize,
    targets: Targets<'_>,
) -> Result<(), Error> {
    let (outputs, pixels) = (plan.heads[task].outputs, plan.heads[task].pixels);
    let len = examples * pixels;
    let per_pixel = |found: usize, expected: usize| Error::PixelCount {
        task,
        found,
        expected,
        examples,
        pixels,
    };
    let kind = plan.heads[task].bound_loss().target_kind();
    let error = match targets {
        Targets::Classes(_) if kind != TargetKind::Classes => other_kind(plan, task, "classes"),
        Targets::Values(_) if kind == TargetKind::Classes => other_kind(plan, task, "values"),
        Targets::Classes(labels) if labels.len() != len && pixels > 1 => {
            per_pixel(labels.len(), len)
        }
        Targets::Classes(labels) if labels.len() != len => Error::LabelCount {
            task,
            found: labels.len(),
            examples,
        },
        Targets::Classes(labels) => {
            let known = labels.iter().filter(|&&label| label != MISSING_CLASS);
            match known.map(|&label| usize::from(label)).max() {
                Some(class) if class >= outputs => Error::ClassOutOfRange {
                    task,
                    class,
                    outputs,
                },
                _ => return Ok(()),
            }
        }
        Targets::Values(values) if values.len() != len * outputs && pixels > 1 => {
            per_pixel(values.len(), len * outputs)
        }
        Targets::Values(values) if values.len() != len * outputs => Error::ValueCount {
            task,
            found: values.len(),
            examples,
            outputs,
        },
        Targets::Values(values) => {
            // Whatever is missing is neither below 0 nor above 1.
            let is_out = |value: &&f32| **value < 0.0 || **value > 1.0;
            match values.iter().find(is_out) {
                Some(&value) if kind == TargetKind::Labels => {
                    Error::LabelOutOfRange { task, value }
                }
                _ => return Ok(()),
            }
        }
    };
    Err(error)
}

/// The refusal of targets that the network's loss does not take.
fn other_kind(plan: &Plan, task: usize, found: &'static str) -> Error {
    Error::TargetKind {
        network: plan.name.clone(),
        task,
        found,
        loss: plan.heads[task].loss.name().to_string(),
    }
}

/// Checks the weights of examples of a task, one for each or for each pixel.
fn check_weights(
    task: usize,
    (examples, pixels): (usize, usize),
    weights: Option<&[f32]>,
) -> Result<(), Error> {
    let Some(weights) = weights else {
        return Ok(());
    };
    let refuse = |source| Err(Error::TaskExamples { task, source });
    if ![examples, examples * pixels].contains(&weights.len()) {
        return refuse(ExamplesError::WeightCount {
            found: weights.len(),
            examples,
        });
    }
    match weights.iter().position(|w| !w.is_finite() || *w < 0.0) {
        Some(example) => refuse(ExamplesError::Weight {
            example,
            weight: weights[example],
        }),
        None => Ok(()),
    }
}
