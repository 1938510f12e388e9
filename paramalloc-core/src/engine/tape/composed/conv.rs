//! Convolution as gather and matrix product; dense layers and heads.

use dfdx::prelude::*;

use super::reshape::reshape;
use super::windows::{Border, Windows};
use crate::engine::tape::layer_device::LayerDevice;
use crate::layers::operation::ConvOperation;
use crate::layers::{Activations, FlatParameter};
use crate::network::plan::{Kind, Operation};

type Matrix<D, T> = Tensor<(usize, usize), f32, D, T>;

/// A task's head: features or an image, one row per example in any shape, to
/// `[batch, values]`, those of an image channel by channel. `operation` is the
/// one of the head's stack.
pub fn head<F: Shape, D: LayerDevice, T: Tape<f32, D> + 'static>(
    x: Tensor<F, f32, D, T>,
    operation: &Operation,
    parameters: &FlatParameter<D>,
) -> Tensor<(usize, usize), f32, D, T> {
    let Kind::Conv(conv) = &operation.kind else {
        unreachable!("a head is a dense layer or a convolution");
    };
    let x = reshape(x, operation.input);
    let batch = x.shape().0;
    let y = convolution(x, conv, operation, parameters);
    y.reshape_like(&(batch, operation.output.len()))
}

/// A dense layer: features, one row per example in any shape, to
/// `[batch, outputs]`.
fn dense<F: Shape, D: LayerDevice, T: Tape<f32, D> + 'static>(
    x: Tensor<F, f32, D, T>,
    operation: &Operation,
    parameters: &FlatParameter<D>,
) -> Tensor<(usize, usize), f32, D, T> {
    let (features, outputs) = (operation.input.len(), operation.output.len());
    let batch = x.shape().num_elements() / features;
    let (weight, bias) = parts::<D, T>(operation, outputs, parameters);
    let x = x.reshape_like(&(batch, features));
    let y = x.matmul(weight.permute::<(usize, usize), Axes2<1, 0>>());
    y + bias.broadcast_like::<_, Axis<0>>(&(batch, outputs))
}

/// Convolution and bias, without the ReLU that may follow.
pub(super) fn convolution<D: LayerDevice, T: Tape<f32, D> + 'static>(
    x: Activations<D, T>,
    conv: &ConvOperation,
    operation: &Operation,
    parameters: &FlatParameter<D>,
) -> Activations<D, T> {
    let batch = x.shape().0;
    let windows = Windows::new(operation.input, conv.window);
    if operation.input.plane() == 1 && windows.cells() == 1 {
        return reshape(dense(x, operation, parameters), operation.output);
    }
    let (taps, count) = (conv.input * windows.cells(), windows.count());
    let seen = windows.gather(x, Border::Zero);
    // [batch, windows, taps] x [taps, filters]
    let seen = seen.reshape_like(&(batch, taps, count));
    let seen = seen.permute::<(usize, usize, usize), Axes3<0, 2, 1>>();
    let (weight, bias) = parts::<D, T>(operation, conv.output, parameters);
    let y = seen.matmul(weight.permute::<(usize, usize), Axes2<1, 0>>());
    let y = y + bias.broadcast_like::<_, Axes2<0, 1>>(&(batch, count, conv.output));
    let y = y.permute::<(usize, usize, usize), Axes3<0, 2, 1>>();
    reshape(y, operation.output)
}

/// Weight `[outputs, inputs of one output]` and bias.
fn parts<D: LayerDevice, T: Tape<f32, D> + 'static>(
    operation: &Operation,
    outputs: usize,
    parameters: &FlatParameter<D>,
) -> (Matrix<D, T>, FlatParameter<D, T>) {
    let range = operation.parameters.clone();
    let bias = range.end - outputs;
    let weight = D::part(parameters, range.start..bias);
    let taps = (bias - range.start) / outputs;
    let weight = weight.reshape_like(&(outputs, taps));
    (weight, D::part(parameters, bias..range.end))
}
