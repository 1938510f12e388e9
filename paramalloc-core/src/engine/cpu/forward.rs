//! The forward pass of one group.

use dfdx::prelude::Cpu;

use super::custom;
use super::layout::{FieldLayout, Layout, OperationLayout, StackLayout};
use super::workspace::Workspace;
use crate::engine::cpu::kernels::{self, Lane, Level, conv, elementwise, pool};
use crate::layers::PoolKind;
use crate::network::plan::{FieldPlan, Kind, Operation, Plan, Stack};

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

impl Network<'_> {
    /// All fields and the task's head. The input lies in the workspace's
    /// activations already.
    pub fn forward(&self, ws: &mut Workspace, group: Group) {
        for (field, layout) in self.plan.fields.iter().zip(&self.layout.fields) {
            self.pass.field(field, layout, ws, group);
        }
        let head = &self.plan.heads[self.task].stack.operations[0];
        let place = &self.layout.heads[self.task];
        self.pass.operation(head, place, ws, group);
    }
}

impl Pass<'_> {
    /// One field: the weighted sum of its components.
    pub fn field(&self, field: &FieldPlan, layout: &FieldLayout, ws: &mut Workspace, group: Group) {
        ws.borders.forget();
        if field.routed.is_none() {
            return self.stack(&field.components[0], &layout.components[0], ws, group);
        }
        for (j, stack) in field.components.iter().enumerate() {
            if self.runs(field.first_component + j) {
                self.stack(stack, &layout.components[j], ws, group);
            }
        }
        let (before, y) = ws.activations.split_at_mut(layout.output.start);
        let y = &mut y[..layout.output.len()];
        let mut empty = true;
        let weights = &self.weights[field.first_component..];
        for (component, &weight) in layout.components.iter().zip(weights) {
            if weight == 0.0 && !self.dense {
                continue;
            }
            let x = &before[component.output.clone()];
            if empty {
                elementwise::scaled(self.level, x, weight, y);
            } else {
                elementwise::add_scaled(self.level, x, weight, y);
            }
            empty = false;
        }
        if empty {
            y.fill(Lane::ZERO);
        }
    }

    /// Whether a routed component runs forward.
    fn runs(&self, component: usize) -> bool {
        let learns = self.training && self.learns[component];
        self.weights[component] != 0.0 || learns || self.dense
    }

    fn stack(&self, stack: &Stack, layout: &StackLayout, ws: &mut Workspace, group: Group) {
        for (operation, layout) in stack.operations.iter().zip(&layout.operations) {
            self.operation(operation, layout, ws, group);
        }
    }

    fn operation(
        &self,
        operation: &Operation,
        layout: &OperationLayout,
        ws: &mut Workspace,
        group: Group,
    ) {
        let (before, after) = ws.activations.split_at_mut(layout.output.start);
        let x = &before[layout.input.clone()];
        let (y, kept) = after.split_at_mut(layout.output.len());
        let kept = &mut kept[..layout.kept.len()];
        let level = self.level;
        match (&operation.kind, &layout.geometry) {
            (Kind::Conv(..), Some(g)) => {
                let x = ws.borders.padded(g, layout.input.start, x);
                let (weight, bias) = self.pair(operation, g.weights());
                conv::forward(level, g, x, weight, bias, operation.relu, y);
            }
            (Kind::Pool(kind, ..), Some(g)) => match kind.kind {
                PoolKind::Average => pool::average(level, g, x, y),
                PoolKind::Max => pool::maximum(level, g, x, y, kept),
            },
            (Kind::GroupNorm(norm), _) => {
                let (gamma, beta) = self.pair(operation, operation.input.channels);
                let plane = operation.input.plane();
                kernels::norm::forward(
                    level,
                    norm.groups,
                    norm.epsilon,
                    plane,
                    x,
                    gamma,
                    beta,
                    operation.relu,
                    y,
                    kept,
                );
            }
            (Kind::ReLU, _) => elementwise::relu(level, x, y),
            (Kind::Elementwise(function), _) => function.layer.values(level, x, y),
            (Kind::Dropout(dropout), _) => match self.masks {
                Some(masks) => {
                    self.scaled_mask(&masks[dropout.index], dropout.scale, group, kept);
                    elementwise::masked(level, x, kept, y);
                }
                None => y.copy_from_slice(x),
            },
            (Kind::Custom(layer), _) => {
                let parameters = &self.parameters[operation.parameters.clone()];
                custom::forward(self, layer, operation, parameters, x, y, group.count);
            }
            (Kind::Conv(..) | Kind::Pool(..), None) => unreachable!("the layout gives a window"),
        }
    }

    /// A group's part of a dropout mask, with the scale of the kept values.
    fn scaled_mask(&self, mask: &[f32], scale: f32, group: Group, out: &mut [Lane]) {
        let len = out.len();
        let rows = &mask[group.first * len..][..group.count * len];
        elementwise::interleave(self.level, rows, len, out);
        for mask in out {
            mask.0 = mask.0.map(|m| m * scale);
        }
    }

    /// An operation's two parameters, the first of length `first`.
    pub(super) fn pair(&self, operation: &Operation, first: usize) -> (&[f32], &[f32]) {
        self.parameters[operation.parameters.clone()].split_at(first)
    }
}
