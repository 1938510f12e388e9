//! Transposed convolutions: what a convolution does backward is done forward.

use std::mem::take;

use super::interface::{Forward, GroupOperation, window};
use crate::engine::cpu::down::{Down, Target};
use crate::engine::cpu::places::{OperationLayout, Sizes};
use crate::layers::operation::ConvTransposeOperation;
use crate::network::plan::Operation;
use paramalloc_kernels::{Geometry, LANES, Lane, conv, conv_backward, elementwise};

impl GroupOperation for ConvTransposeOperation {
    fn geometry(&self, operation: &Operation) -> Option<Geometry> {
        let (input, output) = (operation.output, operation.input);
        Some(window(input, output, &self.conv.window))
    }

    fn reserve(&self, operation: &Operation, geometry: Option<&Geometry>, sizes: &mut Sizes) {
        let Some(g) = geometry else { return };
        sizes.forward_bordered = sizes.forward_bordered.max(g.bordered_gradient_len());
        sizes.padded = sizes.padded.max(g.padded_len());
        sizes.taps = sizes.taps.max(g.scratch_len());
        sizes.spare = sizes.spare.max(operation.input.len());
        sizes.channels = sizes.channels.max(2 * operation.input.channels);
    }

    fn forward(&self, at: Forward<'_>) {
        let g = at.place.window();
        let (weight, bias) = at.pass.pair(at.operation, g.weights());
        let plane = at.operation.output.plane();
        for (y, &bias) in at.y.chunks_exact_mut(plane).zip(bias) {
            y.fill(Lane([bias; LANES]));
        }
        let x = at.borders.bordered(g, at.x);
        conv_backward::input_gradient(at.pass.level, g, x, weight, at.y);
    }

    fn backward(
        &self,
        down: &mut Down<'_>,
        operation: &Operation,
        place: &OperationLayout,
        target: Option<Target>,
    ) {
        let (g, level) = (place.window(), down.pass.level);
        let (weight, _) = down.pass.pair(operation, g.weights());
        let sums = down.sums.of(&operation.parameters);
        let (weight_sum, bias_sum) = sums.split_at_mut(g.weights());
        let gradient = &down.gradients.stack[..place.output.len()];
        let planes = gradient.chunks_exact(operation.output.plane());
        for (sum, plane) in bias_sum.iter_mut().zip(planes) {
            *sum += plane.iter().map(|lane| lane.sum()).sum::<f32>();
        }
        // The borders are those of the gradient here, which no other operation
        // may take for those of an input.
        down.borders.forget();
        let x = &down.activations[place.input.clone()];
        let mut channels = take(&mut down.borders.channels);
        let (zeros, unused) = channels.split_at_mut(operation.input.channels);
        let (padded, taps) = down
            .borders
            .padded_and_taps(g, place.output.start, gradient);
        conv_backward::weight_gradient(level, g, padded, x, weight_sum, unused, taps);
        down.elsewhere(place, target, |_, borders, gradient, out| {
            let [mut y, other] = take(&mut borders.spare);
            let x = borders.padded(g, place.output.start, gradient);
            conv::forward(level, g, x, weight, zeros, false, &mut y);
            elementwise::add(level, &y[..out.len()], out);
            borders.spare = [y, other];
        });
        down.borders.channels = channels;
        down.borders.forget();
    }
}
