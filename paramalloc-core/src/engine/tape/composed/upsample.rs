//! Enlarged images.

use dfdx::prelude::*;

use super::reshape::reshape;
use crate::engine::tape::layer_device::LayerDevice;
use crate::layers::Activations;
use crate::layers::operation::UpsampleOperation;
use crate::network::plan::Operation;

/// The image enlarged along its columns, then along its rows: a product of
/// matrices each.
pub(super) fn run<D: LayerDevice, T: Tape<f32, D>>(
    x: Activations<D, T>,
    upsample: &UpsampleOperation,
    operation: &Operation,
) -> Activations<D, T> {
    let (batch, channels, height, width) = *x.shape();
    let (planes, output) = (batch * channels, operation.output);
    let across = matrix(x.device(), upsample, width);
    let wide = x.reshape_like(&(planes * height, width)).matmul(across);
    let wide = wide.reshape_like(&(planes, height, output.width));
    let down = matrix(wide.device(), upsample, height);
    let down = down.permute::<(usize, usize), Axes2<1, 0>>();
    let down = down.broadcast_like::<_, Axis<0>>(&(planes, output.height, height));
    reshape(down.retaped::<T>().matmul(wide), output)
}

/// `[size, size * factor]`: what each cell gives to each row or column of the
/// enlarged image.
fn matrix<D: LayerDevice>(
    device: &D,
    upsample: &UpsampleOperation,
    size: usize,
) -> Tensor<(usize, usize), f32, D> {
    let larger = size * upsample.factor;
    let mut values = vec![0.0; size * larger];
    for position in 0..larger {
        let between = upsample.between(position, size);
        let [first, second] = between.cells;
        values[first * larger + position] += 1.0 - between.weight;
        values[second * larger + position] += between.weight;
    }
    device.tensor_from_vec(values, (size, larger))
}
