//! Convolutions, dense layers among them.

use std::ops::Range;

use super::interface::{Forward, GroupOperation, window};
use super::tiled_conv;
use crate::engine::cpu::down::{Down, Target};
use crate::engine::cpu::places::{OperationLayout, Sizes};
use paramalloc_kernels::{Geometry, conv, conv_backward};

use crate::layers::operation::ConvOperation;
use crate::network::plan::Operation;

impl GroupOperation for ConvOperation {
    fn geometry(&self, operation: &Operation) -> Option<Geometry> {
        Some(window(operation.input, operation.output, &self.window))
    }

    fn reserve(&self, _: &Operation, geometry: Option<&Geometry>, sizes: &mut Sizes) {
        let Some(geometry) = geometry else { return };
        if geometry.needs_padding() {
            sizes.padded = sizes.padded.max(geometry.padded_len());
        }
        sizes.bordered = sizes.bordered.max(geometry.bordered_gradient_len());
        sizes.taps = sizes.taps.max(geometry.scratch_len());
    }

    fn forward(&self, at: Forward<'_>) {
        if let Some(tiled) = &at.place.tiled {
            return tiled_conv::forward(tiled, at);
        }
        let g = at.place.window();
        let x = at.borders.padded(g, at.place.input.start, at.x);
        let (weight, bias) = at.pass.pair(at.operation, g.weights());
        conv::forward(at.pass.level, g, x, weight, bias, at.operation.relu, at.y);
    }

    fn backward(
        &self,
        down: &mut Down<'_>,
        operation: &Operation,
        place: &OperationLayout,
        target: Option<Target>,
    ) {
        if let Some(tiled) = &place.tiled {
            return tiled_conv::backward(tiled, down, operation, place, target);
        }
        let (g, level) = (place.window(), down.pass.level);
        let input = (&place.input, place.output.len());
        parameters(down, operation, input, g);
        let weight = &down.pass.parameters[operation.parameters.clone()];
        down.elsewhere(place, target, |_, borders, gradient, out| {
            let gradient = borders.bordered(g, gradient);
            conv_backward::input_gradient(level, g, gradient, weight, out);
        });
    }
}

/// The gradients of weight and bias of a convolution from the place `input` to
/// `outputs` lanes.
pub(super) fn parameters(
    down: &mut Down<'_>,
    operation: &Operation,
    (input, outputs): (&Range<usize>, usize),
    g: &Geometry,
) {
    let x = &down.activations[input.clone()];
    let (x, taps) = down.borders.padded_and_taps(g, input.start, x);
    let gradient = &down.gradients.stack[..outputs];
    let sums = down.sums.of(&operation.parameters);
    let (weight, bias) = sums.split_at_mut(g.weights());
    conv_backward::weight_gradient(down.pass.level, g, x, gradient, weight, bias, taps);
}
