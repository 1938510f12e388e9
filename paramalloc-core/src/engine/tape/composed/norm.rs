//! Group normalisation.

use dfdx::prelude::*;

use crate::engine::tape::layer_device::LayerDevice;
use crate::layers::operation::NormOperation;
use crate::layers::{Activations, FlatParameter};
use crate::network::plan::Operation;

/// `(x - mean) / sqrt(variance + epsilon) * gamma + beta`, with mean and
/// biased variance over each group's channels and all positions, gamma and
/// beta per channel.
pub(super) fn group_norm<D: LayerDevice, T: Tape<f32, D> + 'static>(
    x: Activations<D, T>,
    norm: &NormOperation,
    operation: &Operation,
    parameters: &FlatParameter<D>,
) -> Activations<D, T> {
    let shape = *x.shape();
    let (batch, channels, plane) = (shape.0, shape.1, shape.2 * shape.3);
    let x = x.reshape_like(&(batch * norm.groups, channels / norm.groups * plane));
    let x = x.normalize::<Axis<1>>(f64::from(norm.epsilon));
    let by_channel = (batch, channels, plane);
    let x = x.reshape_like(&by_channel);

    let range = operation.parameters.clone();
    let middle = range.start + channels;
    let gamma = D::part::<T>(parameters, range.start..middle);
    let beta = D::part::<T>(parameters, middle..range.end);
    let x = x * gamma.broadcast_like::<_, Axes2<0, 2>>(&by_channel);
    let x = x + beta.broadcast_like::<_, Axes2<0, 2>>(&by_channel);
    x.reshape_like(&shape)
}
