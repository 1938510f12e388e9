//! Pooling.

use super::interface::{Forward, GroupOperation, window};
use crate::engine::cpu::down::{Down, Target};
use crate::engine::cpu::places::OperationLayout;
use crate::layers::PoolKind;
use crate::layers::operation::PoolOperation;
use crate::network::plan::Operation;
use paramalloc_kernels::{Geometry, pool};

impl GroupOperation for PoolOperation {
    fn geometry(&self, operation: &Operation) -> Option<Geometry> {
        Some(window(operation.input, operation.output, &self.window))
    }

    /// Where each maximum was.
    fn kept(&self, operation: &Operation) -> usize {
        match self.kind {
            PoolKind::Average => 0,
            PoolKind::Max => operation.output.len(),
        }
    }

    fn forward(&self, at: Forward<'_>) {
        let (g, level) = (at.place.window(), at.pass.level);
        match self.kind {
            PoolKind::Average => pool::average(level, g, at.x, at.y),
            PoolKind::Max => pool::maximum(level, g, at.x, at.y, at.kept),
        }
    }

    fn backward(
        &self,
        down: &mut Down<'_>,
        _: &Operation,
        place: &OperationLayout,
        target: Option<Target>,
    ) {
        let (g, level) = (place.window(), down.pass.level);
        down.elsewhere(place, target, |x, _, gradient, out| match self.kind {
            PoolKind::Average => pool::average_gradient(level, g, gradient, out),
            PoolKind::Max => {
                let chosen = &x[place.kept.clone()];
                pool::maximum_gradient(level, g, gradient, chosen, out);
            }
        });
    }
}
