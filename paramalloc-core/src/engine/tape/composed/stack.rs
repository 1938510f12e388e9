//! The operations of a stack, residuals among them.

use dfdx::prelude::*;

use super::operation::run;
use super::reshape::reshape;
use crate::engine::tape::field_pass::FieldPass;
use crate::engine::tape::layer_device::LayerDevice;
use crate::layers::Activations;
use crate::layers::operation::ResidualOperation;
use crate::network::plan::{Kind, Operation, Stack};

/// One operation after the other.
pub(super) fn operations<D: LayerDevice, T: Tape<f32, D> + 'static>(
    mut x: Activations<D, T>,
    operations: &[Operation],
    pass: &FieldPass<'_, D>,
) -> Activations<D, T> {
    let mut next = 0;
    while next < operations.len() {
        match residual_from(&operations[next..]) {
            Some((end, residual)) => {
                let (body, sum) = operations[next..=next + end].split_at(end);
                x = added(x, body, (&sum[0], residual), pass);
                next += end + 1;
            }
            None => {
                x = run(x, &operations[next], pass);
                next += 1;
            }
        }
    }
    x
}

/// The last residual whose layers begin with the first of the operations, and
/// where it stands.
fn residual_from(operations: &[Operation]) -> Option<(usize, &ResidualOperation)> {
    let residual = |operation: &'_ Operation| match &operation.kind {
        Kind::Residual(residual) => Some(residual.body),
        _ => None,
    };
    let begins = |end: &usize| residual(&operations[*end]) == Some(*end);
    let end = (0..operations.len()).rev().find(begins)?;
    match &operations[end].kind {
        Kind::Residual(residual) => Some((end, residual)),
        _ => None,
    }
}

fn added<D: LayerDevice, T: Tape<f32, D> + 'static>(
    x: Activations<D, T>,
    body: &[Operation],
    (sum, residual): (&Operation, &ResidualOperation),
    pass: &FieldPass<'_, D>,
) -> Activations<D, T> {
    let x = reshape(x, residual.skip);
    if body.is_empty() && residual.projection.is_none() {
        // dfdx has no sum of a tensor and itself.
        return x * 2.0;
    }
    let (x, tape) = x.split_tape();
    let given = operations(x.retaped::<T>(), body, pass);
    let given = reshape(given, sum.input);
    let skip = match &residual.projection {
        None => x.retaped::<T>(),
        Some(projection) => {
            let projection = Operation {
                kind: Kind::Conv(*projection),
                input: residual.skip,
                ..sum.clone()
            };
            run(x.retaped::<T>(), &projection, pass)
        }
    };
    let (y, own) = (given + skip).split_tape();
    y.put_tape(tape.merge(own))
}

/// All operations of a component, to the field's output shape.
pub(super) fn component<D: LayerDevice, T: Tape<f32, D> + 'static>(
    x: Activations<D, T>,
    stack: &Stack,
    pass: &FieldPass<'_, D>,
) -> Activations<D, T> {
    let y = operations(x, &stack.operations, pass);
    reshape(y, pass.field.output)
}
