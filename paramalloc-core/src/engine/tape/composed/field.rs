//! The components of a field and their weighted sum.

use dfdx::prelude::*;

use super::gate::gated_sum;
use super::reshape::reshape;
use super::stack::component;
use crate::engine::tape::field_pass::{FieldPass, Weights};
use crate::engine::tape::layer_device::LayerDevice;
use crate::layers::Activations;

/// One field: `sum over j of weight_j * component_j(x)`, or for a field that
/// is not routed the task's one component. `x` and the output are batches of the field's input
/// and output shapes.
///
/// # Panics
/// If `I` or `O` is not a batch of the field's input or output shape, which
/// only a [`TypedNetwork`](crate::engine::tape::TypedNetwork) written by hand can cause.
pub fn field<I: Shape, O: Shape, D: LayerDevice, T: Tape<f32, D> + 'static>(
    x: Tensor<I, f32, D, T>,
    pass: &FieldPass<'_, D>,
) -> Tensor<O, f32, D, T> {
    let field = pass.field;
    let x = reshape(x, field.input);
    let batch = x.shape().0;
    let y = match pass.weights {
        None => component(x, &field.components[field.component_of(pass.task)], pass),
        Some(weights) => match &field.gate {
            Some(gate) => gated_sum(x, gate, pass),
            None => weighted_sum(x, weights, pass),
        },
    };
    let dims = field.output;
    let shape = match O::NUM_DIMS {
        4 => batch_shape([batch, dims.channels, dims.height, dims.width]),
        _ => batch_shape([batch, dims.len()]),
    };
    let shape: O = shape.unwrap_or_else(|| {
        let name = &field.name;
        panic!("field `{name}` gives {dims}, which is not its declared type")
    });
    y.reshape_like(&shape)
}

/// The shape `S` with these sizes, if they fit its rank and constants.
fn batch_shape<S: Shape, const N: usize>(sizes: [usize; N]) -> Option<S> {
    let mut concrete = S::Concrete::default();
    if S::NUM_DIMS != N {
        return None;
    }
    for (i, size) in sizes.into_iter().enumerate() {
        concrete[i] = size;
    }
    S::from_concrete(&concrete)
}

/// The routed layer, without the work that cannot change a number. A
/// component of weight 0 gets no gradient and passes none on, so it never
/// runs on the tape; it runs at all only for the gradient of its weight.
fn weighted_sum<D: LayerDevice, T: Tape<f32, D> + 'static>(
    x: Activations<D, T>,
    weights: &Weights<D>,
    pass: &FieldPass<'_, D>,
) -> Activations<D, T> {
    let (x, tape) = x.split_tape();
    let mut sum: Option<Activations<D, T>> = None;
    for (j, stack) in pass.field.components.iter().enumerate() {
        let y = if weights.values[j] != 0.0 {
            component(x.retaped::<T>(), stack, pass)
        } else if T::OWNS_TAPE && weights.learns_from_inactive {
            component(x.clone(), stack, pass).put_tape(T::default())
        } else {
            continue;
        };
        let weight = D::part::<T>(&weights.tensor, j..j + 1)
            .reshape_like(&())
            .broadcast_like(y.shape());
        let term = y * weight;
        sum = Some(match sum {
            None => term,
            Some(sum) => sum + term,
        });
    }
    let (sum, tape) = match sum {
        Some(sum) => {
            let (sum, own) = sum.split_tape();
            (sum, tape.merge(own))
        }
        None => {
            let (batch, ..) = *x.shape();
            let dims = pass.field.output;
            let shape = (batch, dims.channels, dims.height, dims.width);
            (x.device().zeros_like(&shape), tape)
        }
    };
    sum.put_tape(tape)
}
