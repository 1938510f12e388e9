//! What is done with one group between two products of a [`Program`], there
//! and back. Gradients of activations lie where the activations do.
//!
//! [`Program`]: super::program::Program

use std::ops::Range;

use super::down::{Down, Target};
use super::gate::{Gate, add_weighted, component_gradient};
use super::pass::{Group, Network};
use super::program::Item;
use super::sums::Sums;
use super::workspace::Scratch;
use paramalloc_kernels::{Lane, elementwise};

/// The gradients of a group's activations from place `first` on.
pub struct GroupGradient<'a> {
    /// The place of the first.
    pub first: usize,
    /// The gradients.
    pub values: &'a mut [Lane],
}

impl GroupGradient<'_> {
    /// Those of a place among the activations.
    pub fn at(&mut self, place: &Range<usize>) -> &mut [Lane] {
        &mut self.values[place.start - self.first..place.end - self.first]
    }
}

impl Network<'_> {
    /// An item on the way forward.
    pub fn item(&self, item: &Item, x: &mut [Lane], scratch: &mut Scratch, group: Group) {
        match item {
            Item::Operations {
                field,
                component,
                operations,
            } => {
                let (plan, layout) = (&self.plan.fields[*field], &self.layout.fields[*field]);
                if !self.pass.runs(plan, *component) {
                    return;
                }
                scratch.borders.forget();
                let stack = &plan.components[*component].operations[operations.clone()];
                let places = &layout.components[*component].operations[operations.clone()];
                for (operation, place) in stack.iter().zip(places) {
                    (self.pass).operation(operation, place, x, &mut scratch.borders, group);
                }
            }
            Item::Sum { field } => {
                let (plan, layout) = (&self.plan.fields[*field], &self.layout.fields[*field]);
                self.pass.weighted_sum(plan, layout, x);
            }
            Item::Relu { .. } | Item::End { .. } => {}
        }
    }

    /// An item on the way back.
    pub fn item_backward(
        &self,
        item: &Item,
        x: &[Lane],
        gradient: &mut GroupGradient<'_>,
        scratch: &mut Scratch,
        group: Group,
        sums: &mut Sums,
    ) {
        match item {
            Item::Operations {
                field, component, ..
            }
            | Item::Relu {
                field, component, ..
            } if !(self.pass).is_active(&self.plan.fields[*field], *component) => {}
            Item::Operations { .. } => {
                self.operations_backward(item, x, gradient, scratch, group, sums);
            }
            Item::Relu {
                field,
                component,
                operation,
            } => {
                let component = &self.layout.fields[*field].components[*component];
                let place = &component.operations[*operation].output;
                elementwise::relu_gradient(self.pass.level, &x[place.clone()], gradient.at(place));
            }
            Item::Sum { field } => {
                let dots = &mut scratch.gradients.next;
                self.sum_backward(*field, x, gradient, (dots, sums));
            }
            Item::End { field } => self.clear_input(*field, gradient),
        }
    }

    /// The gradient of a field's input, which several operations add to.
    fn clear_input(&self, field: usize, gradient: &mut GroupGradient<'_>) {
        let layout = &self.layout.fields[field];
        if layout.wants_input_gradient {
            gradient.at(&layout.input).fill(Lane::ZERO);
        }
    }

    fn operations_backward(
        &self,
        item: &Item,
        x: &[Lane],
        gradient: &mut GroupGradient<'_>,
        scratch: &mut Scratch,
        group: Group,
        sums: &mut Sums,
    ) {
        let Item::Operations {
            field,
            component,
            operations,
        } = item
        else {
            return;
        };
        let (plan, layout) = (&self.plan.fields[*field], &self.layout.fields[*field]);
        let stack = &plan.components[*component].operations;
        let places = &layout.components[*component].operations[operations.clone()];
        let (input, output) = (&places[0].input, &places[places.len() - 1].output);
        scratch.gradients.stack[..output.len()].copy_from_slice(gradient.at(output));
        let is_first = operations.start == 0;
        let target = (!is_first || layout.wants_input_gradient).then_some(Target::Stack);
        let after_relu = plan.routed.is_some() && operations.end == stack.len();
        let mut down = Down::new(&self.pass, group, x, scratch, sums);
        down.operations(&stack[operations.clone()], places, target, after_relu);
        let below = &down.gradients.stack[..input.len()];
        match target {
            None => {}
            Some(_) if is_first => elementwise::add(self.pass.level, below, gradient.at(input)),
            Some(_) => gradient.at(input).copy_from_slice(below),
        }
    }

    /// From the gradient of a weighted sum to those of the components.
    fn sum_backward(
        &self,
        field: usize,
        x: &[Lane],
        gradient: &mut GroupGradient<'_>,
        (dots, sums): (&mut [Lane], &mut Sums),
    ) {
        self.clear_input(field, gradient);
        let (plan, layout) = (&self.plan.fields[field], &self.layout.fields[field]);
        let (first, level) = (gradient.first, self.pass.level);
        if let Some(gate) = &plan.gate {
            let gate = Gate::new(gate, &self.pass);
            return self.gated_sum_backward(field, &gate, x, gradient, (dots, sums));
        }
        let (below, output) = gradient.values.split_at_mut(layout.output.start - first);
        let output = &output[..layout.output.len()];
        for (c, (component, place)) in plan.components.iter().zip(&layout.components).enumerate() {
            let index = plan.first_component + c;
            let learns = layout.wants_weight_gradient && self.pass.learns[index];
            let weight = self.pass.weights[index];
            let y = &x[place.output.clone()];
            let mut dot = Lane::ZERO;
            match component.operations.last() {
                Some(last) if self.pass.is_active(plan, c) => {
                    let out = &mut below[place.output.start - first..][..output.len()];
                    let relu = last.relu;
                    elementwise::component_gradient(level, y, output, weight, relu, out, &mut dot);
                }
                None if self.pass.is_active(plan, c) => {
                    if layout.wants_input_gradient {
                        let out = &mut below[place.output.start - first..][..output.len()];
                        elementwise::add_scaled(level, output, weight, out);
                    }
                    elementwise::dot(level, y, output, &mut dot);
                }
                _ if learns => elementwise::dot(level, y, output, &mut dot),
                _ => {}
            }
            if layout.wants_weight_gradient && (weight != 0.0 || learns) {
                sums.weights[index] += dot.sum();
            }
        }
    }

    /// The same for a field with gates.
    fn gated_sum_backward(
        &self,
        field: usize,
        gate: &Gate<'_>,
        x: &[Lane],
        gradient: &mut GroupGradient<'_>,
        (dots, sums): (&mut [Lane], &mut Sums),
    ) {
        let (plan, layout) = (&self.plan.fields[field], &self.layout.fields[field]);
        let first = gradient.first;
        let (below, output) = gradient.values.split_at_mut(layout.output.start - first);
        let output = &output[..layout.output.len()];
        let input = layout.wants_input_gradient.then(|| layout.input.clone());
        let own = input
            .clone()
            .map(|at| &mut below[at.start - first..at.end - first]);
        gate.backward(layout, x, output, (dots, own), sums);
        for (component, weight) in gate.running(layout, x) {
            let at = &layout.components[component].output;
            match plan.components[component].operations.last() {
                Some(last) => {
                    let out = &mut below[at.start - first..at.end - first];
                    component_gradient(weight, &x[at.clone()], output, last.relu, out);
                }
                None if input.is_some() => {
                    let out = &mut below[at.start - first..at.end - first];
                    add_weighted(weight, output, out);
                }
                None => {}
            }
        }
    }
}
