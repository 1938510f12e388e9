//! Examples in another shape.

use dfdx::prelude::*;

use crate::engine::tape::layer_device::LayerDevice;
use crate::layers::Activations;
use crate::network::shape::Dims;

/// The same values as examples of shape `dims`.
pub(super) fn reshape<S: Shape, D: LayerDevice, T: Tape<f32, D>>(
    x: Tensor<S, f32, D, T>,
    dims: Dims,
) -> Activations<D, T> {
    let batch = x.shape().num_elements() / dims.len();
    x.reshape_like(&(batch, dims.channels, dims.height, dims.width))
}
