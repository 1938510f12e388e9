//! Convolutions in groups of channels and of dilated kernels: plain
//! convolutions of parts of the image.

use std::mem::take;
use std::ops::Range;

use super::interface::{Forward, GroupOperation};
use crate::engine::cpu::down::{Down, Target};
use crate::engine::cpu::places::{OperationLayout, Sizes};
use crate::layers::operation::SplitConvOperation;
use crate::network::plan::Operation;
use crate::network::shape::{Dims, Padding, window};
use paramalloc_kernels::phases::Phase;
use paramalloc_kernels::{Geometry, Lane, conv, conv_backward};

/// A part of the image for all channels: what is read, what is written, and the
/// window over the channels of one group.
struct Part {
    x: Phase,
    y: Phase,
    geometry: Geometry,
}

/// The channels and parameters of one group in a part.
struct Slices {
    x: Range<usize>,
    y: Range<usize>,
    weight: Range<usize>,
    bias: Range<usize>,
}

impl Part {
    fn slices(&self, groups: usize) -> impl Iterator<Item = Slices> + use<> {
        let g = self.geometry;
        let of = |len: usize, group: usize| group * len..(group + 1) * len;
        (0..groups).map(move |group| Slices {
            x: of(g.input_len(), group),
            y: of(g.output_len(), group),
            weight: of(g.weights(), group),
            bias: of(g.output(), group),
        })
    }
}

impl SplitConvOperation {
    /// The parts of the image, the largest first.
    fn parts(&self, operation: &Operation) -> impl Iterator<Item = Part> + use<'_> {
        let (input, output) = (operation.input, operation.output);
        let firsts = move |size: usize| 0..self.dilation.min(size);
        firsts(output.height).flat_map(move |row| {
            firsts(output.width).map(move |column| self.part((row, column), input, output))
        })
    }

    /// The part that begins at this row and column of the output.
    fn part(&self, first: (usize, usize), input: Dims, output: Dims) -> Part {
        let (step, at) = (self.dilation, self.conv.window);
        let (kernel, stride) = (at.kernel, at.stride);
        let outputs = |size: usize, first: usize| (size - first).div_ceil(step);
        let inputs = |outputs: usize, kernel: usize| (outputs - 1) * stride + kernel;
        let y = Phase {
            step,
            first,
            before: (0, 0),
            size: (output.height, output.width),
            len: (
                outputs(output.height, first.0),
                outputs(output.width, first.1),
            ),
        };
        let x = Phase {
            before: (at.rows.before, at.columns.before),
            size: (input.height, input.width),
            len: (inputs(y.len.0, kernel.0), inputs(y.len.1, kernel.1)),
            ..y
        };
        let from = Dims::image(self.conv.input / self.groups, x.len.0, x.len.1);
        let to = Dims::image(self.conv.output / self.groups, y.len.0, y.len.1);
        let axis = |size, kernel| {
            window(size, kernel, stride, Padding::Valid).expect("a part has room for the kernel")
        };
        let axes = (axis(x.len.0, kernel.0), axis(x.len.1, kernel.1));
        let geometry = Geometry::new(from, to, kernel, stride, axes);
        Part { x, y, geometry }
    }

    fn weights(&self) -> usize {
        let (rows, columns) = self.conv.window.kernel;
        self.conv.output * (self.conv.input / self.groups) * rows * columns
    }
}

impl GroupOperation for SplitConvOperation {
    fn reserve(&self, operation: &Operation, _: Option<&Geometry>, sizes: &mut Sizes) {
        for part in self.parts(operation) {
            let g = &part.geometry;
            let values = [
                part.x.values(self.conv.input),
                part.y.values(self.conv.output),
            ];
            sizes.spare = sizes.spare.max(values[0]).max(values[1]);
            sizes.bordered = sizes.bordered.max(g.bordered_gradient_len());
            sizes.taps = sizes.taps.max(g.scratch_len());
        }
    }

    fn forward(&self, at: Forward<'_>) {
        let (weight, bias) = at.pass.pair(at.operation, self.weights());
        let [mut xs, mut ys] = take(&mut at.borders.spare);
        for part in self.parts(at.operation) {
            part.x.take(self.conv.input, at.x, &mut xs);
            for of in part.slices(self.groups) {
                let (x, y) = (&xs[of.x], &mut ys[of.y]);
                let (weight, bias) = (&weight[of.weight], &bias[of.bias]);
                conv::forward(
                    at.pass.level,
                    &part.geometry,
                    x,
                    weight,
                    bias,
                    at.operation.relu,
                    y,
                );
            }
            part.y.put(self.conv.output, &ys, at.y);
        }
        at.borders.spare = [xs, ys];
    }

    fn backward(
        &self,
        down: &mut Down<'_>,
        operation: &Operation,
        place: &OperationLayout,
        target: Option<Target>,
    ) {
        self.parameters(down, operation, place);
        let (weight, _) = down.pass.pair(operation, self.weights());
        let level = down.pass.level;
        down.elsewhere(place, target, |_, borders, gradient, out| {
            let [mut xs, mut ys] = take(&mut borders.spare);
            for part in self.parts(operation) {
                part.y.take(self.conv.output, gradient, &mut ys);
                xs[..part.x.values(self.conv.input)].fill(Lane::ZERO);
                for of in part.slices(self.groups) {
                    let gradient = borders.bordered(&part.geometry, &ys[of.y]);
                    let (weight, x) = (&weight[of.weight], &mut xs[of.x]);
                    conv_backward::input_gradient(level, &part.geometry, gradient, weight, x);
                }
                part.x.add(self.conv.input, &xs, out);
            }
            borders.spare = [xs, ys];
        });
    }
}

impl SplitConvOperation {
    /// The gradients of weight and bias.
    fn parameters(&self, down: &mut Down<'_>, operation: &Operation, place: &OperationLayout) {
        let level = down.pass.level;
        let x = &down.activations[place.input.clone()];
        let gradient = &down.gradients.stack[..place.output.len()];
        let sums = down.sums.of(&operation.parameters);
        let (weight, bias) = sums.split_at_mut(self.weights());
        let [mut xs, mut ys] = take(&mut down.borders.spare);
        for part in self.parts(operation) {
            part.x.take(self.conv.input, x, &mut xs);
            part.y.take(self.conv.output, gradient, &mut ys);
            for of in part.slices(self.groups) {
                let (x, gradient) = (&xs[of.x], &ys[of.y]);
                let (weight, bias) = (&mut weight[of.weight], &mut bias[of.bias]);
                let taps = &mut down.borders.taps;
                let g = &part.geometry;
                conv_backward::weight_gradient(level, g, x, gradient, weight, bias, taps);
            }
        }
        down.borders.spare = [xs, ys];
    }
}
