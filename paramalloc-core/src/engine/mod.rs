//! What trains a network: the CPU engine ([`crate::engine::cpu::CpuEngine`]) and the
//! one that runs typed dfdx tensors on any device
//! ([`crate::engine::tape::TapeEngine`]) do the same.

pub mod cpu;
pub mod tape;

use crate::data::{BatchTargets, Examples};
use crate::error::Error;
use crate::optim::{State, Update};

/// One task's weights over the components of all routed layers.
#[derive(Clone, Copy, Debug)]
pub struct Allocation<'a> {
    /// The task.
    pub task: usize,
    /// Weights of the components of all routed layers.
    pub weights: &'a [f32],
    /// Whether the router of each of these components learns from `dL/dw`;
    /// then an inactive component is computed in training too.
    pub learns: &'a [bool],
}

/// The batch of one task step. [`Trainer`](crate::train::Trainer) has checked
/// that its parts fit the plan and each other; an engine does not.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Number of examples, at least 1.
    pub len: usize,
    /// Inputs, `[len, channels, rows, columns]`.
    pub inputs: &'a [f32],
    /// Targets of the examples, of a head per pixel of each pixel of each
    /// example, which the plan's loss takes, and their weights.
    pub targets: BatchTargets<'a>,
    /// Sum of the weights of all labels that are present. If it is 0, the
    /// loss is 0 and so are all gradients.
    pub total_weight: f64,
    /// Masks of each dropout operation, `[len, values]`, 1 keeps.
    pub masks: &'a [Vec<f32>],
}

/// A batch that serves several tasks at once, each with targets of its own.
#[derive(Clone, Copy, Debug)]
pub struct JointBatch<'a> {
    /// Number of examples, at least 1.
    pub len: usize,
    /// Inputs, `[len, channels, rows, columns]`.
    pub inputs: &'a [f32],
    /// Masks of each dropout operation, `[len, values]`, 1 keeps: the same for
    /// all tasks.
    pub masks: &'a [Vec<f32>],
    /// The tasks, each at most once.
    pub tasks: &'a [JointTask<'a>],
}

/// A task's part of a [`JointBatch`].
#[derive(Clone, Copy, Debug)]
pub struct JointTask<'a> {
    /// The task and its weights.
    pub allocation: Allocation<'a>,
    /// As [`Batch::targets`].
    pub targets: BatchTargets<'a>,
    /// As [`Batch::total_weight`].
    pub total_weight: f64,
}

impl<'a> JointBatch<'a> {
    /// The batch of one of its tasks.
    pub fn of(&self, task: &JointTask<'a>) -> Batch<'a> {
        Batch {
            len: self.len,
            inputs: self.inputs,
            targets: task.targets,
            total_weight: task.total_weight,
            masks: self.masks,
        }
    }
}

/// Holds the model parameters and the optimizer's state for them, and runs the
/// network. A new engine has no state slots: its trainer gives it some.
pub trait Engine: Send {
    /// Forward and backward pass of one batch; returns the mean task loss and
    /// keeps the gradients, of the task loss alone, for the calls below.
    ///
    /// # Errors
    /// If the device fails.
    fn gradients(&mut self, allocation: Allocation<'_>, batch: Batch<'_>) -> Result<f64, Error>;

    /// The same for a batch that serves several tasks: the losses of its tasks.
    /// The gradient of the parameters is the sum of those of the tasks.
    ///
    /// # Errors
    /// If the device fails.
    fn joint_gradients(&mut self, batch: JointBatch<'_>) -> Result<Vec<f64>, Error>;

    /// Gradient of the weights of all components in the last batch; of one that
    /// serves several tasks `[tasks of the batch, components]`.
    fn weight_gradient(&self) -> &[f32];

    /// Logits of the last batch of one task, `[len, outputs]`, of a head per pixel `[len,
    /// rows, columns, outputs]`.
    fn last_logits(&self) -> &[f32];

    /// Gradient of all model parameters in the last batch; zeros before the
    /// first.
    fn parameter_gradient(&self) -> Vec<f32>;

    /// Squared norm of the gradient of all model parameters, L2 and `extra`
    /// included.
    fn gradient_norm_squared(&mut self, l2: f32, extra: Option<&[f32]>) -> f64;

    /// Sum of the squares of the parameters that the L2 penalty counts.
    fn decayed_sum_of_squares(&mut self) -> f64;

    /// Multiplies the learning rate of each of the plan's parameters by a
    /// factor from now on; one of 0 freezes it: neither the parameter nor its
    /// state changes, and the norm of the gradient leaves it out.
    fn set_rates(&mut self, rates: &[f64]);

    /// Updates all model parameters with the gradients of the last batch, zeros
    /// before the first.
    fn update(&mut self, update: &Update<'_>);

    /// Logits of some inputs at evaluation, `[len, outputs]`, of a head per pixel
    /// `[len, rows, columns, outputs]`.
    ///
    /// # Errors
    /// If the device fails.
    fn logits(
        &mut self,
        allocation: Allocation<'_>,
        inputs: &[f32],
        len: usize,
    ) -> Result<Vec<f32>, Error>;

    /// Logits of a set of examples at evaluation, `[examples, outputs]`, of a
    /// head per pixel `[examples, rows, columns, outputs]`.
    ///
    /// # Errors
    /// If the device fails.
    fn predict(
        &mut self,
        allocation: Allocation<'_>,
        examples: &Examples,
    ) -> Result<Vec<f32>, Error>;

    /// Model parameters, flat.
    fn parameters(&self) -> Vec<f32>;

    /// Replaces the model parameters; the length must fit. The state stays.
    fn set_parameters(&mut self, parameters: &[f32]);

    /// The optimizer's state.
    fn state(&self) -> State;

    /// Replaces the optimizer's state; the lengths must fit.
    fn set_state(&mut self, state: State);
}
