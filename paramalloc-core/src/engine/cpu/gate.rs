//! The gates of a field on one group: weights of the components for each
//! example, and their gradient. Every sum runs over one image's own values, so
//! plain loops over the eight images are all that is needed.

use paramalloc_kernels::{LANES, Lane};

use super::pass::Pass;
use super::places::FieldLayout;
use super::sums::Sums;
use crate::math::exp;
use crate::network::GatePlan;

/// A task's gate at work.
pub struct Gate<'a> {
    plan: &'a GatePlan,
    task: usize,
    parameters: &'a [f32],
    /// Runs also what the task does not see.
    dense: bool,
}

impl<'a> Gate<'a> {
    /// That of the pass's task.
    pub fn new(plan: &'a GatePlan, pass: &Pass<'a>) -> Self {
        let range = plan.tasks[pass.task].parameters.clone();
        Self {
            plan,
            task: pass.task,
            parameters: &pass.parameters[range],
            dense: pass.dense,
        }
    }

    /// The components that it weighs.
    fn components(&self) -> &'a [usize] {
        &self.plan.tasks[self.task].components
    }

    /// The weights of one component, by feature.
    fn weights(&self, place: usize) -> &[f32] {
        &self.parameters[place * self.plan.features..][..self.plan.features]
    }

    /// Writes to `kept` what it reads of the input `x`, and behind it the
    /// weights of its components.
    fn weigh(&self, x: &[Lane], kept: &mut [Lane]) {
        let (means, weights) = kept.split_at_mut(self.plan.features);
        let plane = x.len() / means.len();
        for (mean, channel) in means.iter_mut().zip(x.chunks_exact(plane)) {
            let mut sum = Lane::ZERO;
            channel.iter().for_each(|v| add(&mut sum, *v));
            *mean = each(|l| sum.0[l] / plane as f32);
        }
        let count = self.components().len();
        let weights = &mut weights[..count];
        let biases = &self.parameters[count * self.plan.features..];
        let mut largest = Lane([f32::NEG_INFINITY; LANES]);
        for (place, logit) in weights.iter_mut().enumerate() {
            *logit = Lane([biases[place]; LANES]);
            for (mean, &w) in means.iter().zip(self.weights(place)) {
                *logit = each(|l| logit.0[l] + w * mean.0[l]);
            }
            largest = each(|l| largest.0[l].max(logit.0[l]));
        }
        let mut sum = Lane::ZERO;
        for weight in &mut *weights {
            *weight = each(|l| exp(weight.0[l] - largest.0[l]));
            add(&mut sum, *weight);
        }
        for weight in weights {
            *weight = each(|l| weight.0[l] / sum.0[l]);
        }
    }

    /// The output of the field, from those of its components.
    pub fn forward(&self, layout: &FieldLayout, activations: &mut [Lane]) {
        let (before, after) = activations.split_at_mut(layout.output.start);
        let (y, kept) = after.split_at_mut(layout.output.len());
        let kept = &mut kept[..layout.gate.len()];
        self.weigh(&before[layout.input.clone()], kept);
        y.fill(Lane::ZERO);
        let weights = &kept[self.plan.features..];
        for (&component, weight) in self.components().iter().zip(weights) {
            let x = &before[layout.components[component].output.clone()];
            add_weighted(*weight, x, y);
        }
    }

    /// Adds the gradients of its parameters to `sums` and, where it is
    /// wanted, that of the field's input to `input`, from the gradient of the
    /// field's output. `dots` is memory for a value per component.
    pub fn backward(
        &self,
        layout: &FieldLayout,
        activations: &[Lane],
        gradient: &[Lane],
        (dots, input): (&mut [Lane], Option<&mut [Lane]>),
        sums: &mut Sums,
    ) {
        let kept = &activations[layout.gate.clone()];
        let (means, weights) = kept.split_at(self.plan.features);
        let count = self.components().len();
        let (dots, weights) = (&mut dots[..count], &weights[..count]);
        let mut mean = Lane::ZERO;
        for ((&component, dot), w) in self.components().iter().zip(&mut *dots).zip(weights) {
            let y = &activations[layout.components[component].output.clone()];
            *dot = Lane::ZERO;
            for (y, g) in y.iter().zip(gradient) {
                *dot = each(|l| dot.0[l] + y.0[l] * g.0[l]);
            }
            mean = each(|l| mean.0[l] + w.0[l] * dot.0[l]);
        }
        // From now on the gradients of the logits.
        for (dot, w) in dots.iter_mut().zip(weights) {
            *dot = each(|l| w.0[l] * (dot.0[l] - mean.0[l]));
        }
        let own = sums.of(&self.plan.tasks[self.task].parameters);
        let (of_weights, of_biases) = own.split_at_mut(count * self.plan.features);
        let rows = of_weights.chunks_exact_mut(self.plan.features);
        for ((row, bias), dot) in rows.zip(of_biases).zip(&*dots) {
            *bias += dot.sum();
            for (sum, mean) in row.iter_mut().zip(means) {
                *sum += each(|l| dot.0[l] * mean.0[l]).sum();
            }
        }
        let Some(input) = input else {
            return;
        };
        let plane = input.len() / means.len();
        for (feature, channel) in input.chunks_exact_mut(plane).enumerate() {
            let mut sum = Lane::ZERO;
            for (place, dot) in dots.iter().enumerate() {
                let w = self.weights(place)[feature];
                sum = each(|l| sum.0[l] + w * dot.0[l]);
            }
            let share = each(|l| sum.0[l] / plane as f32);
            channel.iter_mut().for_each(|g| add(g, share));
        }
    }

    /// The components that run backward, each with its weights.
    pub fn running<'b>(
        &'b self,
        layout: &'b FieldLayout,
        activations: &'b [Lane],
    ) -> impl Iterator<Item = (usize, Lane)> + 'b {
        let weights = &activations[layout.gate.clone()][self.plan.features..];
        let seen = self.components().iter().copied();
        let all = if self.dense {
            layout.components.len()
        } else {
            0
        };
        let others = (0..all).filter(|component| !self.components().contains(component));
        let others = others.map(|component| (component, Lane::ZERO));
        seen.zip(weights.iter().copied()).chain(others)
    }
}

/// The gradient of a component's output `y`, before its last ReLU if `relu`.
pub fn component_gradient(
    weight: Lane,
    y: &[Lane],
    gradient: &[Lane],
    relu: bool,
    out: &mut [Lane],
) {
    for ((out, y), g) in out.iter_mut().zip(y).zip(gradient) {
        *out = each(|l| match relu && y.0[l] <= 0.0 {
            true => 0.0,
            false => weight.0[l] * g.0[l],
        });
    }
}

/// `y += weight * x`.
pub fn add_weighted(weight: Lane, x: &[Lane], y: &mut [Lane]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = each(|l| y.0[l] + weight.0[l] * x.0[l]);
    }
}

fn add(sum: &mut Lane, value: Lane) {
    *sum = each(|l| sum.0[l] + value.0[l]);
}

fn each(value: impl Fn(usize) -> f32) -> Lane {
    Lane(std::array::from_fn(value))
}
