//! The forward pass of one group.

use super::gate::Gate;
use super::operations::{self, Forward};
use super::pass::{Group, Network, Pass};
use super::places::{FieldLayout, OperationLayout};
use super::workspace::{Borders, Workspace};
use crate::network::plan::{FieldPlan, Operation};
use paramalloc_kernels::{Lane, elementwise};

impl Network<'_> {
    /// All fields and the task's head. The input lies in the workspace's
    /// activations already.
    pub fn forward(&self, ws: &mut Workspace, group: Group) {
        let (x, borders) = (&mut *ws.activations, &mut ws.scratch.borders);
        for (field, layout) in self.plan.fields.iter().zip(&self.layout.fields) {
            self.pass.field(field, layout, x, borders, group);
        }
        self.head(x, borders, group);
    }

    /// The task's head.
    pub fn head(&self, activations: &mut [Lane], borders: &mut Borders, group: Group) {
        let head = &self.plan.heads[self.task].stack.operations[0];
        let place = &self.layout.heads[self.task];
        borders.forget();
        self.pass
            .operation(head, place, activations, borders, group);
    }
}

impl Pass<'_> {
    /// One field: the weighted sum of its components.
    pub fn field(
        &self,
        field: &FieldPlan,
        layout: &FieldLayout,
        activations: &mut [Lane],
        borders: &mut Borders,
        group: Group,
    ) {
        borders.forget();
        for (j, (stack, places)) in field.components.iter().zip(&layout.components).enumerate() {
            if self.runs(field, j) {
                let stack = stack.operations.iter().zip(&places.operations);
                for (operation, place) in stack {
                    self.operation(operation, place, activations, borders, group);
                }
            }
        }
        if field.routed.is_some() {
            self.weighted_sum(field, layout, activations);
        }
    }

    /// The output of a routed field, from those of its components.
    pub fn weighted_sum(&self, field: &FieldPlan, layout: &FieldLayout, activations: &mut [Lane]) {
        if let Some(gate) = &field.gate {
            return Gate::new(gate, self).forward(layout, activations);
        }
        let (before, y) = activations.split_at_mut(layout.output.start);
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

    /// Whether a component of a field runs forward.
    pub fn runs(&self, field: &FieldPlan, component: usize) -> bool {
        let index = field.first_component + component;
        let runs = |index: usize| {
            let learns = self.training && self.learns[index];
            self.weights[index] != 0.0 || learns || self.dense
        };
        match field.routed {
            Some(_) => runs(index),
            None => field.is_open(component, self.task),
        }
    }

    /// Whether a component of a field has a backward pass.
    pub fn is_active(&self, field: &FieldPlan, component: usize) -> bool {
        let weight = |index: usize| self.weights[index] != 0.0;
        match field.routed {
            Some(_) => self.dense || weight(field.first_component + component),
            None => field.is_open(component, self.task),
        }
    }

    /// One operation of a group.
    pub fn operation(
        &self,
        operation: &Operation,
        layout: &OperationLayout,
        activations: &mut [Lane],
        borders: &mut Borders,
        group: Group,
    ) {
        let (before, after) = activations.split_at_mut(layout.output.start);
        let x = &before[layout.input.clone()];
        let skip = &before[layout.skip.clone()];
        let (y, kept) = after.split_at_mut(layout.output.len());
        let kept = &mut kept[..layout.kept.len()];
        operations::of(&operation.kind).forward(Forward {
            pass: self,
            operation,
            place: layout,
            group,
            borders,
            x,
            skip,
            y,
            kept,
        });
    }
}
