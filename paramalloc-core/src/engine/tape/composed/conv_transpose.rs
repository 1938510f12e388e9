//! Transposed convolutions.

use dfdx::prelude::*;

use super::reshape::reshape;
use crate::engine::tape::layer_device::LayerDevice;
use crate::layers::operation::ConvTransposeOperation;
use crate::layers::{Activations, FlatParameter, Window};
use crate::network::plan::Operation;
use crate::network::shape::Dims;

/// Transposed convolution and bias: the product of the weights with each pixel
/// gives what its window adds to the output, and every output pixel gathers
/// what reaches it.
pub(super) fn run<D: LayerDevice, T: Tape<f32, D> + 'static>(
    x: Activations<D, T>,
    transposed: &ConvTransposeOperation,
    operation: &Operation,
    parameters: &FlatParameter<D>,
) -> Activations<D, T> {
    let (window, output) = (transposed.conv.window, operation.output);
    let (batch, inputs, pixels) = (
        x.shape().0,
        operation.input.channels,
        operation.input.plane(),
    );
    let cells = window.kernel.0 * window.kernel.1;
    let range = operation.parameters.clone();
    let bias = range.end - output.channels;
    let weight = D::part::<T>(parameters, range.start..bias);
    let weight = weight.reshape_like(&(inputs, output.channels * cells));
    let weight = weight.permute::<(usize, usize), Axes2<1, 0>>();
    let weight = weight.broadcast_like::<_, Axis<0>>(&(batch, output.channels * cells, inputs));
    let given = weight.matmul(x.reshape_like(&(batch, inputs, pixels)));
    // [planes, cells * pixels and a zero], of which each output pixel takes some.
    let planes = batch * output.channels;
    let given = given.reshape_like(&(planes, cells * pixels));
    let zero: Tensor<(usize, usize), f32, D> = given.device().zeros_like(&(planes, 1));
    let given = (given, zero).concat_along(Axis::<1>);
    let index = index(window, operation.input, output);
    let taken = index.len() / output.plane();
    let len = index.len();
    let index: Tensor<(usize,), usize, D> = given.device().tensor_from_vec(index, (len,));
    let index = index.broadcast_like::<_, Axis<0>>(&(planes, len));
    let y: Tensor<(usize, usize), f32, D, T> = given.gather(index);
    let y = y.reshape_like(&(planes, taken, output.plane()));
    let y = y.sum::<(usize, usize), Axis<1>>();
    let y = y.reshape_like(&(batch, output.channels, output.plane()));
    let bias = D::part::<T>(parameters, bias..range.end);
    let y = y + bias.broadcast_like::<_, Axes2<0, 2>>(&(batch, output.channels, output.plane()));
    reshape(y, output)
}

/// For each cell of the kernel and each output pixel: where among
/// `[cell, pixel]` the input is that reaches it; behind the last one where none
/// does.
fn index(window: Window, input: Dims, output: Dims) -> Vec<usize> {
    let (rows, columns) = window.kernel;
    let from = |position: usize, cell: usize, before: usize, size: usize| {
        let at = (position + before).checked_sub(cell)?;
        let index = at / window.stride;
        (at.is_multiple_of(window.stride) && index < size).then_some(index)
    };
    let mut all = Vec::new();
    for cell in 0..rows * columns {
        for pixel in 0..output.plane() {
            let (row, column) = (pixel / output.width, pixel % output.width);
            let row = from(row, cell / columns, window.rows.before, input.height);
            let column = from(column, cell % columns, window.columns.before, input.width);
            let place = row
                .zip(column)
                .map(|(row, column)| cell * input.plane() + row * input.width + column);
            all.push(place.unwrap_or(rows * columns * input.plane()));
        }
    }
    all
}
