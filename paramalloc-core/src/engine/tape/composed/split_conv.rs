//! Convolutions in groups of channels and of dilated kernels.

use dfdx::prelude::*;

use super::reshape::reshape;
use super::windows::{Border, Windows};
use crate::engine::tape::layer_device::LayerDevice;
use crate::layers::operation::SplitConvOperation;
use crate::layers::{Activations, FlatParameter};
use crate::network::plan::Operation;

/// Convolution and bias, without the ReLU that may follow: a product of
/// matrices for each example and group.
pub(super) fn convolution<D: LayerDevice, T: Tape<f32, D> + 'static>(
    x: Activations<D, T>,
    split: &SplitConvOperation,
    operation: &Operation,
    parameters: &FlatParameter<D>,
) -> Activations<D, T> {
    let (batch, groups, conv) = (x.shape().0, split.groups, &split.conv);
    let windows = Windows {
        dilation: split.dilation,
        ..Windows::new(operation.input, conv.window)
    };
    let (count, outputs) = (windows.count(), conv.output / groups);
    let taps = conv.input / groups * windows.cells();
    let seen = windows.gather(x, Border::Zero);
    let seen = seen.reshape_like(&(batch, groups, taps, count));
    let range = operation.parameters.clone();
    let bias = range.end - conv.output;
    let weight = D::part::<T>(parameters, range.start..bias);
    let weight = weight.reshape_like(&(groups, outputs, taps));
    let weight = weight.broadcast_like::<_, Axis<0>>(&(batch, groups, outputs, taps));
    let y = weight
        .matmul(seen)
        .reshape_like(&(batch, conv.output, count));
    let bias = D::part::<T>(parameters, bias..range.end);
    let y = y + bias.broadcast_like::<_, Axes2<0, 2>>(&(batch, conv.output, count));
    reshape(y, operation.output)
}
