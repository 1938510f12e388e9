//! The sum of components that a gate weighs for each example.

use dfdx::prelude::*;

use super::stack::component;
use crate::engine::tape::field_pass::FieldPass;
use crate::engine::tape::layer_device::LayerDevice;
use crate::layers::Activations;
use crate::network::GatePlan;

/// `sum over j of softmax(weight mean(x) + bias)_j * component_j(x)` over the
/// components that the task sees; the mean is that of each channel over positions.
pub(super) fn gated_sum<D: LayerDevice, T: Tape<f32, D> + 'static>(
    x: Activations<D, T>,
    gate: &GatePlan,
    pass: &FieldPass<'_, D>,
) -> Activations<D, T> {
    let (x, tape) = x.split_tape();
    let (batch, seen) = (x.shape().0, &gate.tasks[pass.task].components);
    let (weights, own) = weights(x.retaped::<T>(), gate, pass).split_tape();
    let tape = tape.merge(own);
    let terms = seen.iter().enumerate().map(|(place, &j)| {
        let y = component(x.retaped::<T>(), &pass.field.components[j], pass);
        // On the CPU dfdx's slice overwrites what other slices gave the gradient.
        let mut column = vec![0.0; seen.len()];
        column[place] = 1.0;
        let column = x.device().tensor_from_vec(column, (seen.len(), 1));
        let weight = weights.retaped::<T>().matmul(column);
        let weight = weight.reshape_like(&(batch,));
        let weight = weight.broadcast_like::<_, Axes3<1, 2, 3>>(y.shape());
        y * weight
    });
    let sum = terms.reduce(|sum, term| sum + term);
    let (sum, own) = sum.expect("a gate weighs components").split_tape();
    sum.put_tape(tape.merge(own))
}

/// The weights of the components that the task sees, `[batch, components]`.
fn weights<D: LayerDevice, T: Tape<f32, D> + 'static>(
    x: Activations<D, T>,
    gate: &GatePlan,
    pass: &FieldPass<'_, D>,
) -> Tensor<(usize, usize), f32, D, T> {
    let (batch, own) = (x.shape().0, &gate.tasks[pass.task]);
    let (seen, range) = (own.components.len(), own.parameters.clone());
    let bias = range.end - seen;
    let weight = D::part::<T>(pass.parameters, range.start..bias);
    let weight = weight.reshape_like(&(seen, gate.features));
    let means: Tensor<(usize, usize), f32, D, T> = x.mean::<_, Axes2<2, 3>>();
    let logits = means.matmul(weight.permute::<(usize, usize), Axes2<1, 0>>());
    let bias = D::part::<T>(pass.parameters, bias..range.end);
    let logits = logits + bias.broadcast_like::<_, Axis<0>>(&(batch, seen));
    logits.softmax::<Axis<1>>()
}
