//! The backward pass of one group. Components of weight 0 are left out: their
//! gradients are zero, exactly.

use super::down::{Down, Target};
use super::gate::{Gate, component_gradient};
use super::operations;
use super::pass::{Group, Network, Pass};
use super::places::{FieldLayout, OperationLayout, StackLayout};
use super::sums::Sums;
use super::workspace::{Gradients, Scratch, Workspace};
use crate::network::plan::{FieldPlan, Operation, Stack};
use paramalloc_kernels::{Lane, elementwise};

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

impl Down<'_> {
    /// Returns false if nothing below can get a gradient.
    fn field(&mut self, field: &FieldPlan, layout: &FieldLayout) -> bool {
        self.borders.forget();
        let wanted = layout.wants_input_gradient;
        if field.routed.is_none() {
            let Gradients { output, stack, .. } = &mut *self.gradients;
            std::mem::swap(output, stack);
            let target = wanted.then_some(Target::Stack);
            let own = field.component_of(self.pass.task);
            self.stack(
                &field.components[own],
                &layout.components[own],
                target,
                false,
            );
            self.stack_is_input();
            return wanted;
        }
        let target = wanted.then_some(Target::Field);
        if wanted {
            self.gradients.input[..layout.input.len()].fill(Lane::ZERO);
        }
        if let Some(gate) = &field.gate {
            self.gated(field, layout, &Gate::new(gate, self.pass));
            return wanted;
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

    /// A field with gates, once the gradient of its input is zero where it is
    /// wanted.
    fn gated(&mut self, field: &FieldPlan, layout: &FieldLayout, gate: &Gate<'_>) {
        let wanted = layout.wants_input_gradient;
        let len = layout.output.len();
        let Gradients {
            input,
            output,
            next,
            ..
        } = &mut *self.gradients;
        let own = wanted.then(|| &mut input[..layout.input.len()]);
        let (x, dots) = (self.activations, &mut next[..]);
        gate.backward(layout, x, &output[..len], (dots, own), self.sums);
        for (component, weight) in gate.running(layout, x) {
            let (stack, places) = (&field.components[component], &layout.components[component]);
            let relu = stack.operations.last().is_some_and(|o| o.relu);
            let Gradients {
                output, stack: out, ..
            } = &mut *self.gradients;
            let y = &x[places.output.clone()];
            component_gradient(weight, y, &output[..len], relu, &mut out[..len]);
            self.stack(stack, places, wanted.then_some(Target::Field), true);
        }
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

    /// From the gradient of the operation's output before its ReLU in
    /// `gradients.stack` to that of its input in the target.
    pub fn operation(
        &mut self,
        operation: &Operation,
        place: &OperationLayout,
        target: Option<Target>,
    ) {
        operations::of(&operation.kind).backward(self, operation, place, target);
        for _ in 0..place.opens {
            self.add_skip(place.input.len(), target);
        }
    }
}
