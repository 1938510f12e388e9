//! The backward pass of one group. Components of weight 0 are left out: their
//! gradients are zero, exactly.

use super::custom;
use super::layout::{FieldLayout, OperationLayout, StackLayout};
use super::pass::{Group, Network, Pass};
use super::sums::Sums;
use super::workspace::{Borders, Gradients, Scratch, Workspace};
use crate::engine::cpu::kernels::{Geometry, Lane, conv_backward, elementwise, norm, pool};
use crate::layers::PoolKind;
use crate::layers::operation::CustomOperation;
use crate::network::plan::{FieldPlan, Kind, Operation, Stack};

impl Network<'_> {
    /// From the gradient of the logits, which lies in `gradients.stack`, down
    /// to the first parameter.
    pub fn backward(&self, ws: &mut Workspace, group: Group, sums: &mut Sums) {
        let (x, scratch) = (&ws.activations, &mut ws.scratch);
        self.head_backward(x, scratch, group, sums);
        if self.layout.wants_features_gradient {
            let Gradients { input, stack, .. } = &mut scratch.gradients;
            std::mem::swap(input, stack);
            self.fields_backward(self.plan.fields.len(), x, scratch, group, sums);
        }
    }

    /// From the gradient of the logits in `gradients.stack` to that of the
    /// features, if it is wanted, there too.
    pub fn head_backward(&self, x: &[Lane], scratch: &mut Scratch, group: Group, sums: &mut Sums) {
        let head = &self.plan.heads[self.task].stack.operations[0];
        let wanted = self.layout.wants_features_gradient;
        let target = wanted.then_some(Target::Stack);
        let layout = &self.layout.heads[self.task];
        Down::new(&self.pass, group, x, scratch, sums).operation(head, layout, target);
    }

    /// The fields before field `end`, from the gradient of the output of the
    /// last of them in `gradients.input`.
    pub fn fields_backward(
        &self,
        end: usize,
        x: &[Lane],
        scratch: &mut Scratch,
        group: Group,
        sums: &mut Sums,
    ) {
        let mut down = Down::new(&self.pass, group, x, scratch, sums);
        let fields = self.plan.fields[..end].iter().zip(&self.layout.fields);
        for (field, layout) in fields.rev() {
            down.gradients.next_field();
            if !down.field(field, layout) {
                return;
            }
        }
    }
}

impl Pass<'_> {
    /// One field: from the gradient of its output in `gradients.output` to
    /// that of its input in `gradients.input`.
    pub fn field_backward(
        &self,
        field: &FieldPlan,
        layout: &FieldLayout,
        ws: &mut Workspace,
        group: Group,
        sums: &mut Sums,
    ) {
        Down::new(self, group, &ws.activations, &mut ws.scratch, sums).field(field, layout);
    }
}

/// Where the gradient of an operation's input goes.
#[derive(Clone, Copy, PartialEq)]
pub enum Target {
    /// Added to the gradient of the field's input, which several components
    /// share.
    Field,
    /// In the place of the gradient of the output, for the next operation down
    /// the stack, or at its end the field's input.
    Stack,
}

/// The way down through the operations of one group.
pub struct Down<'a> {
    pass: &'a Pass<'a>,
    group: Group,
    activations: &'a [Lane],
    borders: &'a mut Borders,
    /// Gradients on their way.
    pub gradients: &'a mut Gradients,
    sums: &'a mut Sums,
}

impl<'a> Down<'a> {
    /// At the end of the forward pass.
    pub fn new(
        pass: &'a Pass<'a>,
        group: Group,
        activations: &'a [Lane],
        scratch: &'a mut Scratch,
        sums: &'a mut Sums,
    ) -> Self {
        scratch.borders.forget();
        Self {
            pass,
            group,
            activations,
            borders: &mut scratch.borders,
            gradients: &mut scratch.gradients,
            sums,
        }
    }

    /// Returns false if nothing below can get a gradient.
    fn field(&mut self, field: &FieldPlan, layout: &FieldLayout) -> bool {
        self.borders.forget();
        let wanted = layout.wants_input_gradient;
        if field.routed.is_none() {
            let Gradients { output, stack, .. } = &mut *self.gradients;
            std::mem::swap(output, stack);
            let target = wanted.then_some(Target::Stack);
            self.stack(&field.components[0], &layout.components[0], target, false);
            self.stack_is_input();
            return wanted;
        }
        let target = wanted.then_some(Target::Field);
        if wanted {
            self.gradients.input[..layout.input.len()].fill(Lane::ZERO);
        }
        let (level, len) = (self.pass.level, layout.output.len());
        let mut active = false;
        for (j, (component, place)) in field.components.iter().zip(&layout.components).enumerate() {
            let index = field.first_component + j;
            let weight = self.pass.weights[index];
            let y = &self.activations[place.output.clone()];
            let Gradients { output, stack, .. } = &mut *self.gradients;
            let gradient = &output[..len];
            let mut dot = Lane::ZERO;
            if weight != 0.0 || self.pass.dense {
                // One pass over the activations does three jobs.
                let relu = component.operations.last().is_some_and(|o| o.relu);
                let out = &mut stack[..len];
                elementwise::component_gradient(level, y, gradient, weight, relu, out, &mut dot);
                self.stack(component, place, target, true);
                active = true;
            } else if layout.wants_weight_gradient && self.pass.learns[index] {
                elementwise::dot(level, y, gradient, &mut dot);
            }
            let counts = weight != 0.0 || self.pass.learns[index];
            if layout.wants_weight_gradient && counts {
                self.sums.weights[index] += dot.sum();
            }
        }
        active && wanted
    }

    /// The only gradient that reaches the field's input is the stack's.
    fn stack_is_input(&mut self) {
        let Gradients { input, stack, .. } = &mut *self.gradients;
        std::mem::swap(input, stack);
    }

    /// From the gradient of the stack's output in `gradients.stack` to that of
    /// its input in `target`; `after_relu` if it has gone through the last
    /// operation's ReLU.
    fn stack(
        &mut self,
        stack: &Stack,
        layout: &StackLayout,
        target: Option<Target>,
        after_relu: bool,
    ) {
        if stack.operations.is_empty() && target == Some(Target::Field) {
            self.add_to_field(layout.output.len());
        }
        self.operations(&stack.operations, &layout.operations, target, after_relu);
    }

    /// Neighbouring operations of a stack, from the gradient of the output of
    /// the last in `gradients.stack` to that of the input of the first in
    /// `target`; `after_relu` if it has gone through the last one's ReLU.
    pub fn operations(
        &mut self,
        operations: &[Operation],
        layouts: &[OperationLayout],
        target: Option<Target>,
        after_relu: bool,
    ) {
        let places = operations.iter().zip(layouts);
        for (i, (operation, place)) in places.enumerate().rev() {
            let target = match i {
                0 => target,
                _ => Some(Target::Stack),
            };
            let is_last = i + 1 == operations.len();
            if operation.relu && !(is_last && after_relu) {
                let y = &self.activations[place.output.clone()];
                let gradient = &mut self.gradients.stack[..place.output.len()];
                elementwise::relu_gradient(self.pass.level, y, gradient);
            }
            self.operation(operation, place, target);
        }
    }

    fn add_to_field(&mut self, len: usize) {
        let Gradients { input, stack, .. } = &mut *self.gradients;
        elementwise::add(self.pass.level, &stack[..len], &mut input[..len]);
    }

    /// From the gradient of the operation's output before its ReLU in
    /// `gradients.stack` to that of its input in the target.
    pub fn operation(
        &mut self,
        operation: &Operation,
        place: &OperationLayout,
        target: Option<Target>,
    ) {
        let level = self.pass.level;
        let gradient = &mut self.gradients.stack[..place.output.len()];
        match (&operation.kind, &place.geometry) {
            (Kind::Conv(..), Some(g)) => {
                self.conv_parameters(operation, place, g);
                return self.through_window(operation, place, g, target);
            }
            (Kind::Pool(..), Some(g)) => return self.through_window(operation, place, g, target),
            (Kind::GroupNorm(norm), _) => self.group_norm(operation, place, norm.groups),
            (Kind::ReLU, _) => {
                let y = &self.activations[place.output.clone()];
                elementwise::relu_gradient(level, y, gradient);
            }
            (Kind::Elementwise(function), _) => {
                let x = &self.activations[place.input.clone()];
                let y = &self.activations[place.output.clone()];
                function.layer.gradient(level, x, y, gradient);
            }
            (Kind::Dropout(..), _) if self.pass.masks.is_some() => {
                let mask = &self.activations[place.kept.clone()];
                elementwise::times(level, mask, gradient);
            }
            (Kind::Dropout(..), _) => {}
            (Kind::Custom(layer), _) => self.custom(operation, place, layer),
            (Kind::Conv(..) | Kind::Pool(..), None) => unreachable!("the layout gives a window"),
        }
        if target == Some(Target::Field) {
            self.add_to_field(place.input.len());
        }
    }

    /// A group normalisation, in place.
    fn group_norm(&mut self, operation: &Operation, place: &OperationLayout, groups: usize) {
        let channels = operation.input.channels;
        let (gamma, _) = self.pass.pair(operation, channels);
        let sums = self.sums.of(&operation.parameters);
        let (gamma_sum, beta_sum) = sums.split_at_mut(channels);
        let x = &self.activations[place.input.clone()];
        let moments = &self.activations[place.kept.clone()];
        let (level, plane) = (self.pass.level, operation.input.plane());
        let g = &mut self.gradients.stack[..place.output.len()];
        norm::backward(
            level, groups, plane, x, moments, gamma, g, gamma_sum, beta_sum,
        );
    }

    /// A user's layer.
    fn custom(&mut self, operation: &Operation, place: &OperationLayout, layer: &CustomOperation) {
        let x = &self.activations[place.input.clone()];
        let sums = self.sums.of(&operation.parameters);
        let Gradients { stack, next, .. } = &mut *self.gradients;
        let (gradient, out) = (&stack[..place.output.len()], &mut next[..x.len()]);
        let count = self.group.count;
        custom::backward(self.pass, layer, operation, (x, gradient), out, sums, count);
        std::mem::swap(stack, next);
    }

    fn conv_parameters(&mut self, operation: &Operation, place: &OperationLayout, g: &Geometry) {
        let x = &self.activations[place.input.clone()];
        let (x, taps) = self.borders.padded_and_taps(g, place.input.start, x);
        let gradient = &self.gradients.stack[..place.output.len()];
        let sums = self.sums.of(&operation.parameters);
        let (weight, bias) = sums.split_at_mut(g.weights());
        conv_backward::weight_gradient(self.pass.level, g, x, gradient, weight, bias, taps);
    }

    /// The input's gradient of a convolution or pooling.
    fn through_window(
        &mut self,
        operation: &Operation,
        place: &OperationLayout,
        g: &Geometry,
        target: Option<Target>,
    ) {
        let level = self.pass.level;
        let Gradients {
            input, stack, next, ..
        } = &mut *self.gradients;
        let gradient = &stack[..place.output.len()];
        let out = match target {
            None => return,
            Some(Target::Field) => &mut input[..place.input.len()],
            Some(Target::Stack) => {
                let out = &mut next[..place.input.len()];
                out.fill(Lane::ZERO);
                out
            }
        };
        match &operation.kind {
            Kind::Pool(kind, ..) if kind.kind == PoolKind::Average => {
                pool::average_gradient(level, g, gradient, out);
            }
            Kind::Pool(..) => {
                let chosen = &self.activations[place.kept.clone()];
                pool::maximum_gradient(level, g, gradient, chosen, out);
            }
            _ => {
                let weight = &self.pass.parameters[operation.parameters.clone()];
                let gradient = self.borders.bordered(g, gradient);
                conv_backward::input_gradient(level, g, gradient, weight, out);
            }
        }
        if target == Some(Target::Stack) {
            std::mem::swap(stack, next);
        }
    }
}
