//! Convolutions, dense layers among them.

use std::ops::Range;

use super::interface::{Forward, GroupOperation, window};
use super::tiled_conv;
use crate::engine::cpu::down::{Down, Target};
use crate::engine::cpu::places::{OperationLayout, Sizes};
use paramalloc_kernels::conv_backward::{InputGradient, WeightGradient};
use paramalloc_kernels::{Geometry, conv};

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
        let team = at.borders.team.clone();
        let x = at.borders.padded(g, at.place.input.start, at.x);
        let (weight, bias) = at.pass.pair(at.operation, g.weights());
        let (level, relu, threads) = (at.pass.level, at.operation.relu, team.threads(at.operation));
        let work = conv::Forward::new(level, g, (x, weight, bias), relu, at.y, threads);
        team.share(&work, threads, &mut []);
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
            let team = borders.team.clone();
            let gradient = borders.bordered(g, gradient);
            let threads = team.threads(operation);
            let work = InputGradient::new(level, g, gradient, weight, out, threads);
            team.share(&work, threads, &mut []);
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
    let team = down.borders.team.clone();
    let (x, taps) = down.borders.padded_and_taps(g, input.start, x);
    let gradient = &down.gradients.stack[..outputs];
    let sums = down.sums.of(&operation.parameters);
    let sums = sums.split_at_mut(g.weights());
    let work = WeightGradient::new(down.pass.level, g, x, gradient, sums);
    team.share(&work, team.threads(operation), taps);
}
