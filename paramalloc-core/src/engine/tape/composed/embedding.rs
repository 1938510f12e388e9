//! Rows of a table.

use dfdx::prelude::*;

use super::reshape::reshape;
use crate::engine::tape::layer_device::LayerDevice;
use crate::layers::operation::EmbeddingOperation;
use crate::layers::{Activations, FlatParameter};
use crate::network::plan::Operation;

/// The row of each input, whose place on the tape is kept: an index has no
/// gradient.
pub(super) fn rows<D: LayerDevice, T: Tape<f32, D> + 'static>(
    x: Activations<D, T>,
    table: &EmbeddingOperation,
    operation: &Operation,
    parameters: &FlatParameter<D>,
) -> Activations<D, T> {
    let (x, tape) = x.split_tape();
    let (batch, inputs) = (x.shape().0, operation.input.len());
    let index: Vec<usize> = (x.as_vec().into_iter())
        .map(|index| (index as usize).min(table.rows - 1))
        .collect();
    let len = index.len();
    let index: Tensor<(usize,), usize, D> = x.device().tensor_from_vec(index, (len,));
    let weight = D::part::<T>(parameters, operation.parameters.clone());
    let weight = weight.reshape_like(&(table.rows, table.width));
    let rows: Tensor<(usize, usize), f32, D, T> = weight.gather(index);
    let rows = rows.reshape_like(&(batch, inputs, table.width));
    let rows = rows.permute::<(usize, usize, usize), Axes3<0, 2, 1>>();
    let (y, own) = reshape(rows, operation.output).split_tape();
    y.put_tape(tape.merge(own))
}
