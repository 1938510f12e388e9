//! Normalizations of groups of channels.

use super::interface::{Forward, GroupOperation};
use crate::engine::cpu::down::{Down, Target};
use crate::engine::cpu::places::OperationLayout;
use crate::layers::operation::NormOperation;
use crate::network::plan::Operation;
use paramalloc_kernels::norm;

impl GroupOperation for NormOperation {
    /// Mean and deviation of each group.
    fn kept(&self, _: &Operation) -> usize {
        2 * self.groups
    }

    fn forward(&self, at: Forward<'_>) {
        let operation = at.operation;
        let (gamma, beta) = at.pass.pair(operation, operation.input.channels);
        norm::forward(
            at.pass.level,
            self.groups,
            self.epsilon,
            operation.input.plane(),
            at.x,
            gamma,
            beta,
            operation.relu,
            at.y,
            at.kept,
        );
    }

    fn backward(
        &self,
        down: &mut Down<'_>,
        operation: &Operation,
        place: &OperationLayout,
        target: Option<Target>,
    ) {
        let channels = operation.input.channels;
        let (gamma, _) = down.pass.pair(operation, channels);
        let sums = down.sums.of(&operation.parameters);
        let (gamma_sum, beta_sum) = sums.split_at_mut(channels);
        let x = &down.activations[place.input.clone()];
        let moments = &down.activations[place.kept.clone()];
        let (level, plane) = (down.pass.level, operation.input.plane());
        let g = &mut down.gradients.stack[..place.output.len()];
        norm::backward(
            level,
            self.groups,
            plane,
            x,
            moments,
            gamma,
            g,
            gamma_sum,
            beta_sum,
        );
        down.in_place(place, target);
    }
}
