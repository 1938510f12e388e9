//! What a pass over a network takes.

use dfdx::prelude::Cpu;

use super::places::Layout;
use crate::network::plan::{Operation, Plan};
use paramalloc_kernels::{Lane, Level};

/// A whole network for one task.
pub struct Network<'a> {
    /// The network.
    pub plan: &'a Plan,
    /// Places of its activations.
    pub layout: &'a Layout,
    /// The task whose head is used.
    pub task: usize,
    /// What its fields need.
    pub pass: Pass<'a>,
}

/// What all groups and fields of a pass share.
pub struct Pass<'a> {
    /// The task, which has its own component of each private field, and its own gates.
    pub task: usize,
    /// All model parameters.
    pub parameters: &'a [f32],
    /// Weights of the components of all routed layers.
    pub weights: &'a [f32],
    /// Whether the router of each of these components learns from `dL/dw`;
    /// then the component runs forward also where its weight is 0.
    pub learns: &'a [bool],
    /// Runs everything, to show that leaving out what is inactive changes
    /// nothing.
    pub dense: bool,
    /// True if gradients are wanted.
    pub training: bool,
    /// Masks of each dropout operation, `[batch, values]`, 1 keeps; absent at
    /// evaluation.
    pub masks: Option<&'a [Vec<f32>]>,
    /// Transformed weights of the convolutions by tiles.
    pub transformed: &'a [Lane],
    /// Instruction set of the kernels.
    pub level: Level,
    /// Device of the users' layers.
    pub device: &'a Cpu,
}

/// Some examples of the batch: `first..first + count`, at most eight.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Place of the first example in the batch.
    pub first: usize,
    /// Examples in the group.
    pub count: usize,
}

impl Pass<'_> {
    /// An operation's two parameters, the first of length `first`.
    pub fn pair(&self, operation: &Operation, first: usize) -> (&[f32], &[f32]) {
        self.parameters[operation.parameters.clone()].split_at(first)
    }
}
