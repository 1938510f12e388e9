//! Sums of what layers give and their input.

use super::conv;
use super::interface::{Forward, GroupOperation, window};
use crate::engine::cpu::down::{Down, Target};
use crate::engine::cpu::places::{OperationLayout, Sizes};
use crate::layers::operation::ResidualOperation;
use crate::network::plan::Operation;
use paramalloc_kernels::{Geometry, conv as kernel, conv_backward, elementwise};

impl GroupOperation for ResidualOperation {
    fn geometry(&self, operation: &Operation) -> Option<Geometry> {
        let projection = self.projection.as_ref()?;
        Some(window(self.skip, operation.output, &projection.window))
    }

    fn reserve(&self, operation: &Operation, geometry: Option<&Geometry>, sizes: &mut Sizes) {
        sizes.skip = sizes.skip.max(self.skip.len());
        if let Some(projection) = &self.projection {
            projection.reserve(operation, geometry, sizes);
        }
    }

    fn forward(&self, at: Forward<'_>) {
        let level = at.pass.level;
        match &self.projection {
            None => at.y.copy_from_slice(at.skip),
            Some(_) => {
                let g = at.place.window();
                let x = at.borders.padded(g, at.place.skip.start, at.skip);
                let (weight, bias) = at.pass.pair(at.operation, g.weights());
                kernel::forward(level, g, x, weight, bias, false, at.y);
            }
        }
        elementwise::add(level, at.x, at.y);
    }

    fn backward(
        &self,
        down: &mut Down<'_>,
        operation: &Operation,
        place: &OperationLayout,
        target: Option<Target>,
    ) {
        let level = down.pass.level;
        match &self.projection {
            None => down.keep_skip(place, |_, gradient, out| out.copy_from_slice(gradient)),
            Some(_) => {
                let g = place.window();
                conv::parameters(down, operation, (&place.skip, place.output.len()), g);
                let weight = &down.pass.parameters[operation.parameters.clone()];
                down.keep_skip(place, |borders, gradient, out| {
                    let gradient = borders.bordered(g, gradient);
                    out.fill(paramalloc_kernels::Lane::ZERO);
                    conv_backward::input_gradient(level, g, gradient, weight, out);
                });
            }
        }
        down.in_place(place, target);
    }
}
