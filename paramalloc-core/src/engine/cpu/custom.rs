//! A user's layer inside the engine: its dfdx operations on the examples of
//! one group. The backward pass runs the forward pass again on a tape, so
//! that no tape has to be kept between the two.

use dfdx::prelude::{Backward as _, Cpu, Gradients, Shape, Tensor, TensorFromVec as _, Trace as _};
use dfdx::shapes::HasShape as _;
use dfdx::tensor_ops::SumTo as _;

use super::pass::Pass;
use crate::engine::cpu::kernels::{Lane, elementwise};
use crate::layers::FlatParameter;
use crate::layers::operation::CustomOperation;
use crate::network::plan::Operation;
use crate::network::shape::Dims;

type Batch = Tensor<(usize, usize, usize, usize), f32, Cpu>;

/// The layer's output for a group of `count` examples.
pub(super) fn forward(
    pass: &Pass<'_>,
    custom: &CustomOperation,
    operation: &Operation,
    parameters: &[f32],
    x: &[Lane],
    y: &mut [Lane],
    count: usize,
) {
    let x = to_tensor(pass, operation.input, x, count);
    let parameters = tensors(pass.device, custom, parameters);
    let output = custom.bound().evaluate_cpu(x, parameters);
    from_tensor(pass, custom, operation.output, output, y);
}

/// Turns the gradient of the output into that of the input, written to
/// `input_gradient`, and adds the parameters' gradients.
pub(super) fn backward(
    pass: &Pass<'_>,
    custom: &CustomOperation,
    operation: &Operation,
    (x, gradient): (&[Lane], &[Lane]),
    input_gradient: &mut [Lane],
    parameter_gradient: &mut [f32],
    count: usize,
) {
    let x = to_tensor(pass, operation.input, x, count);
    let parameters = tensors(
        pass.device,
        custom,
        &pass.parameters[operation.parameters.clone()],
    );
    let traced = parameters.iter().map(|p| p.leaky_trace()).collect();
    let y = custom.bound().train_cpu(x.leaky_trace(), traced);
    let gradient = to_tensor(pass, operation.output, gradient, count);
    // The gradient of sum(y * g) is what g brings back through y.
    let mut gradients = (y * gradient).sum::<(), _>().backward();
    let input = gradient_of(&mut gradients, &x);
    from_tensor(pass, custom, operation.input, input, input_gradient);
    let mut place = 0;
    for parameter in &parameters {
        let values = gradient_of(&mut gradients, parameter).as_vec();
        for (sum, value) in parameter_gradient[place..].iter_mut().zip(&values) {
            *sum += value;
        }
        place += values.len();
    }
}

/// The gradient of a leaf: zeros if the layer did not use it.
fn gradient_of<S: Shape>(
    gradients: &mut Gradients<f32, Cpu>,
    leaf: &Tensor<S, f32, Cpu>,
) -> Tensor<S, f32, Cpu> {
    gradients
        .try_alloc_for(leaf)
        .expect("memory for a gradient");
    gradients.get(leaf)
}

fn tensors(device: &Cpu, custom: &CustomOperation, flat: &[f32]) -> Vec<FlatParameter<Cpu>> {
    let mut rest = flat;
    (custom.parameters.iter())
        .map(|len| {
            let (values, after) = rest.split_at(*len);
            rest = after;
            device.tensor_from_vec(values.to_vec(), (values.len(),))
        })
        .collect()
}

fn to_tensor(pass: &Pass<'_>, dims: Dims, x: &[Lane], count: usize) -> Batch {
    let mut rows = vec![0.0; count * dims.len()];
    elementwise::deinterleave(pass.level, x, &mut rows);
    let shape = (count, dims.channels, dims.height, dims.width);
    pass.device.tensor_from_vec(rows, shape)
}

fn from_tensor(
    pass: &Pass<'_>,
    custom: &CustomOperation,
    dims: Dims,
    tensor: Batch,
    out: &mut [Lane],
) {
    let (_, c, h, w) = *tensor.shape();
    assert_eq!(
        (c, h, w),
        (dims.channels, dims.height, dims.width),
        "the layer `{}` gives another shape than its rule says",
        custom.name
    );
    elementwise::interleave(pass.level, &tensor.as_vec(), dims.len(), out);
}
