//! One operation of a stack.

use dfdx::prelude::*;

use super::{conv, norm, pool};
use crate::engine::tape::device::Device;
use crate::engine::tape::pass::{FieldPass, Mask};
use crate::layers::operation::CustomOperation;
use crate::layers::{Activations, FlatParameter};
use crate::network::plan::{Kind, Operation};
use crate::network::shape::Dims;

/// The output of `operation` for the batch `x`.
pub(super) fn run<D: Device, T: Tape<f32, D> + 'static>(
    x: Activations<D, T>,
    operation: &Operation,
    pass: &FieldPass<'_, D>,
) -> Activations<D, T> {
    // Flatten leaves no operation of its own, so `x` may still be an image.
    let x = reshape(x, operation.input);
    let y = match &operation.kind {
        Kind::Conv(conv) => conv::convolution(x, conv, operation, pass.parameters),
        Kind::Pool(pool) => pool::pool(x, pool, operation),
        Kind::GroupNorm(groups) => norm::group_norm(x, *groups, operation, pass.parameters),
        Kind::ReLU => relu(x),
        Kind::Dropout(dropped) => match pass.masks {
            Some(masks) => dropout(x, &masks[dropped.index], dropped.scale),
            None => x,
        },
        Kind::Custom(layer) => custom(x, layer, operation, pass.parameters),
    };
    if operation.relu { relu(y) } else { y }
}

/// `x`, or 0 where `x` is not above 0, with a gradient only where it is. NaN
/// stays NaN, so that the loss shows it; dfdx's own ReLU drops it.
fn relu<D: Device, T: Tape<f32, D>>(x: Activations<D, T>) -> Activations<D, T> {
    let zeros: Activations<D, NoneTape> = x.device().zeros_like(x.shape());
    let is_off = le(&x.retaped::<NoneTape>(), &zeros);
    (!is_off).choose(x, zeros)
}

/// The same values as examples of shape `dims`.
pub(super) fn reshape<S: Shape, D: Device, T: Tape<f32, D>>(
    x: Tensor<S, f32, D, T>,
    dims: Dims,
) -> Activations<D, T> {
    let batch = x.shape().num_elements() / dims.len();
    x.reshape_like(&(batch, dims.channels, dims.height, dims.width))
}

/// `x * mask * scale`.
fn dropout<D: Device, T: Tape<f32, D>>(
    x: Activations<D, T>,
    mask: &Mask<D>,
    scale: f32,
) -> Activations<D, T> {
    let shape = *x.shape();
    x * (mask.clone() * scale).reshape_like(&shape)
}

fn custom<D: Device, T: Tape<f32, D> + 'static>(
    x: Activations<D, T>,
    custom: &CustomOperation,
    operation: &Operation,
    parameters: &FlatParameter<D>,
) -> Activations<D, T> {
    let mut start = operation.parameters.start;
    let parts = (custom.parameters.iter())
        .map(|len| {
            let end = start + len;
            let part = D::part(parameters, start..end);
            start = end;
            part
        })
        .collect();
    D::custom(custom.bound(), x, parts)
}
