//! Tables.

use super::interface::{Forward, GroupOperation};
use crate::engine::cpu::down::{Down, Target};
use crate::engine::cpu::places::OperationLayout;
use crate::layers::operation::EmbeddingOperation;
use crate::network::plan::Operation;
use paramalloc_kernels::table;

impl GroupOperation for EmbeddingOperation {
    fn forward(&self, at: Forward<'_>) {
        let parameters = &at.pass.parameters[at.operation.parameters.clone()];
        table::forward(parameters, self.width, at.x, at.y);
    }

    /// Indices have no gradient.
    fn backward(
        &self,
        down: &mut Down<'_>,
        operation: &Operation,
        place: &OperationLayout,
        target: Option<Target>,
    ) {
        let x = &down.activations[place.input.clone()];
        let gradient = &down.gradients.stack[..place.output.len()];
        let sums = down.sums.of(&operation.parameters);
        table::backward(self.width, x, gradient, down.group.count, sums);
        down.elsewhere(place, target, |_, _, _, _| {});
    }
}
