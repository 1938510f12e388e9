//! Enlarged images.

use super::interface::{Forward, GroupOperation};
use crate::engine::cpu::down::{Down, Target};
use crate::engine::cpu::places::OperationLayout;
use crate::layers::operation::UpsampleOperation;
use crate::network::plan::Operation;
use paramalloc_kernels::upsample;

impl GroupOperation for UpsampleOperation {
    fn forward(&self, at: Forward<'_>) {
        upsample::forward(at.pass.level, self, at.operation.input, at.x, at.y);
    }

    fn backward(
        &self,
        down: &mut Down<'_>,
        operation: &Operation,
        place: &OperationLayout,
        target: Option<Target>,
    ) {
        let level = down.pass.level;
        down.elsewhere(place, target, |_, _, gradient, out| {
            upsample::backward(level, self, operation.input, gradient, out);
        });
    }
}
