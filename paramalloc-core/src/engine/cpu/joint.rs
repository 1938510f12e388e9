//! A batch that serves several tasks: what they have in common is computed once.
//!
//! Tasks have their activations in common down to the first field that they do not
//! use alike: a private one, or a routed one whose router learns or connects them
//! otherwise. Each part of the tasks then goes its way alone, forward to the losses
//! and back, while the activations above it stay where they are; the gradients that
//! the parts bring to a component are added, and it runs backward once.

use super::down::{Down, Target};
use super::gate::{Gate, add_weighted};
use super::pass::{Group, Network, Pass};
use super::places::{FieldLayout, Layout, StackLayout};
use super::sums::Sums;
use super::workspace::Workspace;
use crate::engine::Batch;
use crate::network::plan::{FieldPlan, Plan, Stack};
use paramalloc_kernels::{Lane, elementwise};

/// A network for several tasks at once.
pub struct Joint<'a> {
    pub plan: &'a Plan,
    pub layout: &'a Layout,
    /// Each task with its part of the batch.
    pub members: Vec<(Network<'a>, Batch<'a>)>,
}

/// Memory of a thread.
pub struct JointWorkspace {
    ws: Workspace,
    /// Gradients of the activations, in their places.
    gradients: Vec<Lane>,
}

/// What groups add up.
pub struct JointSums {
    /// Of parameters, and of the weights of `[members, components]`.
    pub sums: Sums,
    /// Losses of the members.
    pub losses: Vec<f64>,
}

/// The way of one group.
struct Way<'a> {
    joint: &'a Joint<'a>,
    memory: &'a mut JointWorkspace,
    sums: &'a mut JointSums,
    group: Group,
}

impl JointWorkspace {
    /// Memory for `layout`.
    pub fn new(layout: &Layout) -> Self {
        Self {
            ws: Workspace::new(layout, true),
            gradients: vec![Lane::ZERO; layout.sizes.activations],
        }
    }
}

impl Joint<'_> {
    /// Forward and backward pass of a group; `inputs` are those of its examples.
    pub fn run(
        &self,
        memory: &mut JointWorkspace,
        sums: &mut JointSums,
        group: Group,
        inputs: &[f32],
    ) {
        let Some((first, _)) = self.members.first() else {
            return;
        };
        first.set_inputs(&mut memory.ws.activations, inputs);
        let mut way = Way {
            joint: self,
            memory,
            sums,
            group,
        };
        let all: Vec<usize> = (0..self.members.len()).collect();
        way.fields(0, &all);
    }

    fn pass(&self, member: usize) -> &Pass<'_> {
        &self.members[member].0.pass
    }

    /// The parts of `members` whose activations stay the same behind a routed
    /// field. A router that learns needs the gradient of each task by itself, and
    /// a gate weighs the components in a way of its own.
    fn parts(&self, field: &FieldPlan, learns: bool, members: &[usize]) -> Vec<Vec<usize>> {
        let apart = learns || field.gate.is_some();
        let components = field.first_component..field.first_component + field.components.len();
        let weights = |member: usize| &self.pass(member).weights[components.clone()];
        let mut parts: Vec<Vec<usize>> = Vec::new();
        for &member in members {
            let alike = |part: &&mut Vec<usize>| weights(part[0]) == weights(member);
            match parts.iter_mut().find(alike).filter(|_| !apart) {
                Some(part) => part.push(member),
                None => parts.push(vec![member]),
            }
        }
        parts
    }
}

impl Way<'_> {
    /// From the input of field `f` on to the losses of `members`, and back to the
    /// gradient of that input, if it is wanted, in its place.
    fn fields(&mut self, f: usize, members: &[usize]) {
        let joint = self.joint;
        let Some(field) = joint.plan.fields.get(f) else {
            return self.heads(members);
        };
        let layout = &joint.layout.fields[f];
        match field.routed {
            Some(_) => self.routed(f, members),
            None if field.components[0].operations.is_empty() => self.fields(f + 1, members),
            None if field.private => {
                self.clear(layout);
                for &member in members {
                    self.unrouted(f, &[member]);
                }
            }
            None => {
                self.clear(layout);
                self.unrouted(f, members);
            }
        }
    }

    /// Zeros for the gradient of a field's input.
    fn clear(&mut self, layout: &FieldLayout) {
        if layout.wants_input_gradient {
            self.memory.gradients[layout.input.clone()].fill(Lane::ZERO);
        }
    }

    /// A field of which the members use the same component.
    fn unrouted(&mut self, f: usize, members: &[usize]) {
        let joint = self.joint;
        let (field, layout) = (&joint.plan.fields[f], &joint.layout.fields[f]);
        let (network, _) = &joint.members[members[0]];
        let (pass, own) = (&network.pass, field.component_of(network.task));
        let ws = &mut self.memory.ws;
        pass.field(
            field,
            layout,
            &mut ws.activations,
            &mut ws.scratch.borders,
            self.group,
        );
        self.fields(f + 1, members);
        if joint.layout.wants_gradient_into(f + 1) {
            self.component_backward(
                members[0],
                &field.components[own],
                &layout.components[own],
                layout,
            );
        }
    }

    /// A routed field: its components once, then each part of the tasks.
    fn routed(&mut self, f: usize, members: &[usize]) {
        let joint = self.joint;
        let (field, layout) = (&joint.plan.fields[f], &joint.layout.fields[f]);
        let first = joint.pass(members[0]);
        let goes_back = joint.layout.wants_gradient_into(f + 1);
        let places = field.components.iter().zip(&layout.components);
        let is_active = |c: usize| members.iter().any(|&m| joint.pass(m).is_active(field, c));
        self.memory.ws.scratch.borders.forget();
        for (c, (stack, place)) in places.clone().enumerate() {
            if members.iter().any(|&m| joint.pass(m).runs(field, c)) {
                let ws = &mut self.memory.ws;
                for (operation, place) in stack.operations.iter().zip(&place.operations) {
                    let (x, borders) = (&mut ws.activations, &mut ws.scratch.borders);
                    first.operation(operation, place, x, borders, self.group);
                }
            }
            if goes_back && is_active(c) && !stack.operations.is_empty() {
                self.memory.gradients[place.output.clone()].fill(Lane::ZERO);
            }
        }
        self.clear(layout);
        for part in joint.parts(field, layout.wants_weight_gradient, members) {
            let ws = &mut self.memory.ws;
            joint
                .pass(part[0])
                .weighted_sum(field, layout, &mut ws.activations);
            self.fields(f + 1, &part);
            if goes_back {
                self.sum_backward(field, layout, part[0]);
            }
        }
        for (c, (stack, place)) in places.enumerate() {
            if goes_back && is_active(c) && !stack.operations.is_empty() {
                self.component_backward(members[0], stack, place, layout);
            }
        }
    }

    /// Adds the gradient of a weighted sum to those of the components.
    fn sum_backward(&mut self, field: &FieldPlan, layout: &FieldLayout, member: usize) {
        let pass = self.joint.pass(member);
        if let Some(gate) = &field.gate {
            return self.gated_backward(field, layout, &Gate::new(gate, pass));
        }
        let output = layout.output.clone();
        let (below, gradient) = self.memory.gradients.split_at_mut(output.start);
        let gradient = &gradient[..output.len()];
        for (c, place) in layout.components.iter().enumerate() {
            let index = field.first_component + c;
            let weight = pass.weights[index];
            let reaches = !field.components[c].operations.is_empty() || layout.wants_input_gradient;
            if weight != 0.0 && reaches {
                let to = &mut below[place.output.clone()];
                elementwise::add_scaled(pass.level, gradient, weight, to);
            }
            if layout.wants_weight_gradient && (weight != 0.0 || pass.learns[index]) {
                let y = &self.memory.ws.activations[place.output.clone()];
                let mut dot = Lane::ZERO;
                elementwise::dot(pass.level, y, gradient, &mut dot);
                self.sums.sums.weights[member * pass.weights.len() + index] += dot.sum();
            }
        }
    }

    /// The same of a sum that a gate weighs.
    fn gated_backward(&mut self, field: &FieldPlan, layout: &FieldLayout, gate: &Gate<'_>) {
        let JointWorkspace { ws, gradients } = &mut *self.memory;
        let output = layout.output.clone();
        let (below, gradient) = gradients.split_at_mut(output.start);
        let gradient = &gradient[..output.len()];
        let wanted = layout.wants_input_gradient;
        let own = wanted.then(|| &mut below[layout.input.clone()]);
        let (x, dots) = (&ws.activations, &mut ws.scratch.gradients.next[..]);
        gate.backward(layout, x, gradient, (dots, own), &mut self.sums.sums);
        for (c, weight) in gate.running(layout, x) {
            if wanted || !field.components[c].operations.is_empty() {
                let to = &mut below[layout.components[c].output.clone()];
                add_weighted(weight, gradient, to);
            }
        }
    }

    /// From the gradient of a stack's output in its place to that of the field's
    /// input, which it is added to.
    fn component_backward(
        &mut self,
        member: usize,
        stack: &Stack,
        place: &StackLayout,
        layout: &FieldLayout,
    ) {
        let JointWorkspace { ws, gradients } = &mut *self.memory;
        let pass = self.joint.pass(member);
        let output = &gradients[place.output.clone()];
        ws.scratch.gradients.stack[..output.len()].copy_from_slice(output);
        let (x, sums) = (&ws.activations, &mut self.sums.sums);
        let mut down = Down::new(pass, self.group, x, &mut ws.scratch, sums);
        let target = layout.wants_input_gradient.then_some(Target::Stack);
        down.operations(&stack.operations, &place.operations, target, false);
        if target.is_some() {
            let input = layout.input.clone();
            let below = &down.gradients.stack[..input.len()];
            elementwise::add(pass.level, below, &mut gradients[input]);
        }
    }

    /// The heads of the members, and the gradient of the features in its place.
    fn heads(&mut self, members: &[usize]) {
        let JointWorkspace { ws, gradients } = &mut *self.memory;
        let wanted = self.joint.layout.wants_features_gradient;
        for (i, &member) in members.iter().enumerate() {
            let (network, batch) = &self.joint.members[member];
            let (x, scratch) = (&mut ws.activations, &mut ws.scratch);
            network.head(x, &mut scratch.borders, self.group);
            self.sums.losses[member] += network.loss(x, scratch, self.group, batch);
            network.head_backward(x, scratch, self.group, &mut self.sums.sums);
            if wanted {
                let place = network.layout.heads[network.task].input.clone();
                let own = &scratch.gradients.stack[..place.len()];
                match i {
                    0 => gradients[place].copy_from_slice(own),
                    _ => elementwise::add(network.pass.level, own, &mut gradients[place]),
                }
            }
        }
    }
}
