//! A user's layer inside the engine: its dfdx operations on the examples of
//! one group. The backward pass runs the forward pass again on a tape, so
//! that no tape has to be kept between the two.

use dfdx::prelude::{
    Backward as _, Cpu, Gradients as LeafGradients, Shape, Tensor, TensorFromVec as _, Trace as _,
};
use dfdx::shapes::HasShape as _;
use dfdx::tensor_ops::SumTo as _;

use super::interface::{Forward, GroupOperation};
use crate::engine::cpu::down::{Down, Target};
use crate::engine::cpu::pass::Pass;
use crate::engine::cpu::places::OperationLayout;
use crate::engine::cpu::workspace::Gradients;
use crate::layers::FlatParameter;
use crate::layers::operation::CustomOperation;
use crate::network::plan::Operation;
use crate::network::shape::Dims;
use paramalloc_kernels::{Lane, elementwise};

type Batch = Tensor<(usize, usize, usize, usize), f32, Cpu>;

impl GroupOperation for CustomOperation {
    fn forward(&self, at: Forward<'_>) {
        let (pass, operation) = (at.pass, at.operation);
        let x = to_tensor(pass, operation.input, at.x, at.group.count);
        let parameters = tensors(pass, self, operation);
        let output = self.bound().evaluate_cpu(x, parameters);
        from_tensor(pass, self, operation.output, output, at.y);
    }

    fn backward(
        &self,
        down: &mut Down<'_>,
        operation: &Operation,
        place: &OperationLayout,
        target: Option<Target>,
    ) {
        let (pass, count) = (down.pass, down.group.count);
        let x = to_tensor(
            pass,
            operation.input,
            &down.activations[place.input.clone()],
            count,
        );
        let gradient = to_tensor(pass, operation.output, down.gradient(place), count);
        let parameters = tensors(pass, self, operation);
        let traced = parameters.iter().map(|p| p.leaky_trace()).collect();
        let y = self.bound().train_cpu(x.leaky_trace(), traced);
        // The gradient of sum(y * g) is what g brings back through y.
        let mut gradients = (y * gradient).sum::<(), _>().backward();
        let mut start = 0;
        let sums = down.sums.of(&operation.parameters);
        for parameter in &parameters {
            let values = gradient_of(&mut gradients, parameter).as_vec();
            for (sum, value) in sums[start..].iter_mut().zip(&values) {
                *sum += value;
            }
            start += values.len();
        }
        let input = gradient_of(&mut gradients, &x);
        let Gradients { stack, .. } = &mut *down.gradients;
        from_tensor(
            pass,
            self,
            operation.input,
            input,
            &mut stack[..place.input.len()],
        );
        down.in_place(place, target);
    }
}

/// The gradient of a leaf: zeros if the layer did not use it.
fn gradient_of<S: Shape>(
    gradients: &mut LeafGradients<f32, Cpu>,
    leaf: &Tensor<S, f32, Cpu>,
) -> Tensor<S, f32, Cpu> {
    gradients
        .try_alloc_for(leaf)
        .expect("memory for a gradient");
    gradients.get(leaf)
}

fn tensors(
    pass: &Pass<'_>,
    custom: &CustomOperation,
    operation: &Operation,
) -> Vec<FlatParameter<Cpu>> {
    let mut rest = &pass.parameters[operation.parameters.clone()];
    (custom.parameters.iter())
        .map(|len| {
            let (values, after) = rest.split_at(*len);
            rest = after;
            pass.device
                .tensor_from_vec(values.to_vec(), (values.len(),))
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
