//! One operation of a stack.

use dfdx::prelude::*;

use super::reshape::reshape;
use super::{conv, conv_transpose, embedding, norm, pool, split_conv, upsample};
use crate::engine::tape::field_pass::{FieldPass, Mask};
use crate::engine::tape::layer_device::LayerDevice;
use crate::layers::operation::CustomOperation;
use crate::layers::{Activations, FlatParameter};
use crate::network::plan::{Kind, Operation};

/// The output of `operation` for the batch `x`.
pub(super) fn run<D: LayerDevice, T: Tape<f32, D> + 'static>(
    x: Activations<D, T>,
    operation: &Operation,
    pass: &FieldPass<'_, D>,
) -> Activations<D, T> {
    // Flatten leaves no operation of its own, so `x` may still be an image.
    let x = reshape(x, operation.input);
    let y = match &operation.kind {
        Kind::Conv(conv) => conv::convolution(x, conv, operation, pass.parameters),
        Kind::SplitConv(split) => split_conv::convolution(x, split, operation, pass.parameters),
        Kind::ConvTranspose(conv) => conv_transpose::run(x, conv, operation, pass.parameters),
        Kind::Embedding(table) => embedding::rows(x, table, operation, pass.parameters),
        Kind::Upsample(larger) => upsample::run(x, larger, operation),
        Kind::Pool(pool) => pool::pool(x, pool, operation),
        Kind::GroupNorm(norm) => norm::group_norm(x, norm, operation, pass.parameters),
        Kind::ReLU => relu(x),
        Kind::Elementwise(function) => D::custom(function.layer, x, Vec::new()),
        Kind::Dropout(dropped) => match pass.masks {
            Some(masks) => dropout(x, &masks[dropped.index], dropped.scale),
            None => x,
        },
        // Its input is the caller's to keep.
        Kind::Residual(_) => x,
        Kind::Custom(layer) => custom(x, layer, operation, pass.parameters),
    };
    if operation.relu { relu(y) } else { y }
}

/// `x`, or 0 where `x` is not above 0, with a gradient only where it is. NaN
/// stays NaN, so that the loss shows it; dfdx's own ReLU drops it.
fn relu<D: LayerDevice, T: Tape<f32, D>>(x: Activations<D, T>) -> Activations<D, T> {
    let zeros: Activations<D, NoneTape> = x.device().zeros_like(x.shape());
    let is_off = le(&x.retaped::<NoneTape>(), &zeros);
    (!is_off).choose(x, zeros)
}

/// `x * mask * scale`.
fn dropout<D: LayerDevice, T: Tape<f32, D>>(
    x: Activations<D, T>,
    mask: &Mask<D>,
    scale: f32,
) -> Activations<D, T> {
    let shape = *x.shape();
    x * (mask.clone() * scale).reshape_like(&shape)
}

fn custom<D: LayerDevice, T: Tape<f32, D> + 'static>(
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
