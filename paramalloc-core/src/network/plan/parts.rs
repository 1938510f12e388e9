//! The parts of a plan.

use std::ops::Range;

use crate::data::TargetKind;
use crate::layers::Init;
use crate::layers::operation::{Kind, Share};
use crate::loss::{HeadLoss, Loss, TaskLoss};
use crate::network::GatePlan;
use crate::network::field::OwnRouter;
use crate::network::shape::Dims;

/// A dropout operation's mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DropoutPlan {
    /// Values per example.
    pub values: usize,
    /// The share of values that is dropped.
    pub dropped: Share,
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
    /// The components; a shared field has one, a private field one per task.
    pub components: Vec<Stack>,
    /// True if each task has its own component.
    pub private: bool,
    /// Index among the routed layers; absent for a shared or private field.
    pub routed: Option<usize>,
    /// Index of the first component among those of all routed layers.
    pub first_component: usize,
    /// The router that the field names itself.
    pub router: Option<OwnRouter>,
    /// Index among the routed layers of the one whose router allocates this one too.
    pub router_of: Option<usize>,
    /// The gates that weigh its components for each example, where it has some:
    /// its routed layer says then which of them a task sees.
    pub gate: Option<GatePlan>,
}

impl FieldPlan {
    /// The component that a task uses of a field that is not routed.
    pub fn component_of(&self, task: usize) -> usize {
        if self.private { task } else { 0 }
    }

    /// Whether component `component` is there for a task: of a private field
    /// only its own, of others all.
    pub fn is_open(&self, component: usize, task: usize) -> bool {
        !self.private || component == task
    }
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
    /// True inside a residual.
    pub in_residual: bool,
    /// True in a network whose examples have several positions: images, signals.
    pub of_positions: bool,
    /// Shape of one example going in.
    pub input: Dims,
    /// Shape of one example coming out.
    pub output: Dims,
    /// Range of its parameters in the flat vector: weight then bias, gamma
    /// then beta, or a user layer's in order.
    pub parameters: Range<usize>,
}

/// A task's head.
#[derive(Debug)]
pub struct HeadPlan {
    /// Width: of each prediction.
    pub outputs: usize,
    /// Predictions for an example: 1, or one per pixel.
    pub pixels: usize,
    /// The task's loss.
    pub loss: Loss,
    /// What its loss counts beside those of the other tasks, above 0.
    pub weight: f32,
    /// What examples of each class, or that have each label, count in its loss;
    /// empty where all count the same.
    pub class_weights: Vec<f32>,
    /// The last layer; those below it are a private field.
    pub stack: Stack,
}

impl HeadPlan {
    /// Values that it gives for an example.
    pub fn values(&self) -> usize {
        self.outputs * self.pixels
    }

    /// From the order of an image, channel by channel, to that of predictions,
    /// pixel by pixel, in each example of `values`.
    pub(crate) fn by_pixels(&self, values: &mut [f32]) {
        transpose(values, self.outputs, self.pixels);
    }

    /// The way back.
    pub(crate) fn by_channels(&self, values: &mut [f32]) {
        transpose(values, self.pixels, self.outputs);
    }

    /// The task's loss with what its labels count.
    pub(crate) fn head_loss(&self) -> HeadLoss<'_> {
        let loss = self.bound_loss();
        HeadLoss {
            loss,
            label_weights: match loss.target_kind() {
                TargetKind::Labels => &self.class_weights,
                _ => &[],
            },
        }
    }

    /// The task's loss. An engine has made sure that there is one.
    pub(crate) fn bound_loss(&self) -> &'static dyn TaskLoss {
        let loss = self.loss.task_loss();
        loss.expect("a loss that an engine has accepted")
    }
}

/// Transposes each matrix `[rows, columns]` of `values`.
fn transpose(values: &mut [f32], rows: usize, columns: usize) {
    if rows == 1 || columns == 1 {
        return;
    }
    let mut matrix = Vec::with_capacity(rows * columns);
    for values in values.chunks_exact_mut(rows * columns) {
        matrix.clear();
        matrix.extend_from_slice(values);
        for (i, value) in values.iter_mut().enumerate() {
            *value = matrix[i % rows * columns + i / rows];
        }
    }
}

/// One parameter.
#[derive(Clone, Debug)]
pub struct ParameterPlan {
    /// Path: `conv1.0.0.weight`, `stem.1.gamma`, and of task 3 in a head field
    /// called `head` `head.3.bias`. No other parameter has it.
    pub path: String,
    /// Shape.
    pub shape: Vec<usize>,
    /// Range in the flat vector.
    pub range: Range<usize>,
    /// Initial values.
    pub init: Init,
    /// True if the L2 penalty counts it: all but biases.
    pub decayed: bool,
}
