//! Functions of each value.

use super::interface::{Forward, GroupOperation};
use crate::engine::cpu::down::{Down, Target};
use crate::engine::cpu::places::OperationLayout;
use crate::layers::operation::ElementwiseOperation;
use crate::network::plan::Operation;
use paramalloc_kernels::elementwise;

/// `max(0, x)`, where no operation before it applies it.
pub struct ReLU;

impl GroupOperation for ReLU {
    fn forward(&self, at: Forward<'_>) {
        elementwise::relu(at.pass.level, at.x, at.y);
    }

    fn backward(
        &self,
        down: &mut Down<'_>,
        _: &Operation,
        place: &OperationLayout,
        target: Option<Target>,
    ) {
        let y = &down.activations[place.output.clone()];
        elementwise::relu_gradient(down.pass.level, y, down.gradient(place));
        down.in_place(place, target);
    }
}

impl GroupOperation for ElementwiseOperation {
    fn forward(&self, at: Forward<'_>) {
        self.layer.values(at.pass.level, at.x, at.y);
    }

    fn backward(
        &self,
        down: &mut Down<'_>,
        _: &Operation,
        place: &OperationLayout,
        target: Option<Target>,
    ) {
        let x = &down.activations[place.input.clone()];
        let y = &down.activations[place.output.clone()];
        let level = down.pass.level;
        self.layer.gradient(level, x, y, down.gradient(place));
        down.in_place(place, target);
    }
}
