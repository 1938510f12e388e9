//! Fields, heads and losses in plain `f64` loops, forward and backward: what
//! every fast implementation is compared with. Nothing is skipped here: every
//! component is computed, whatever its weight.
//!
//! Batches are flat, in the order example, channel, row, column.

use dfdx::prelude::*;
use paramalloc_core::layers::{Activations, AnyDeviceLayer, FlatParameter};
use paramalloc_core::network::plan::{FieldPlan, Kind, Operation, Stack};

use super::loops::{
    by_channel, convolution, convolution_gradient, norm_gradient, normalize, pool, pool_gradient,
};
use super::terms;

/// What the values of a field depend on.
pub struct Inputs<'a> {
    /// Number of examples.
    pub batch: usize,
    /// The input of all examples.
    pub x: &'a [f64],
    /// All parameters of the network.
    pub parameters: &'a [f64],
    /// One weight per component; absent for a shared field.
    pub weights: Option<&'a [f64]>,
    /// The masks of all dropout operations of the network; absent at
    /// evaluation.
    pub masks: Option<&'a [Vec<f64>]>,
}

/// A field's output and the gradients of what it depends on.
pub struct Outcome {
    /// The output of all examples.
    pub output: Vec<f64>,
    /// Gradient of the input.
    pub x: Vec<f64>,
    /// Gradient of all parameters of the network.
    pub parameters: Vec<f64>,
    /// Gradient of the weights; empty for a shared field.
    pub weights: Vec<f64>,
}

/// A field's output, and the gradients if that of the output is
/// `output_gradient`.
pub fn field(field: &FieldPlan, inputs: &Inputs<'_>, output_gradient: &[f64]) -> Outcome {
    let mut outcome = Outcome {
        output: vec![0.0; inputs.batch * field.output.len()],
        x: vec![0.0; inputs.x.len()],
        parameters: vec![0.0; inputs.parameters.len()],
        weights: Vec::new(),
    };
    for (j, component) in field.components.iter().enumerate() {
        let weight = inputs.weights.map_or(1.0, |weights| weights[j]);
        let steps = stack(component, inputs);
        let y = steps.last().expect("the input at least");
        for (sum, y) in outcome.output.iter_mut().zip(y) {
            *sum += weight * y;
        }
        if inputs.weights.is_some() {
            let products = y.iter().zip(output_gradient).map(|(y, dy)| y * dy);
            outcome.weights.push(products.sum());
        }
        let mut gradient: Vec<f64> = output_gradient.iter().map(|dy| weight * dy).collect();
        for (i, operation) in component.operations.iter().enumerate().rev() {
            let (x, y) = (&steps[i], &steps[i + 1]);
            let parameters = &mut outcome.parameters;
            gradient = backward(operation, inputs, x, y, &gradient, parameters);
        }
        for (sum, dx) in outcome.x.iter_mut().zip(&gradient) {
            *sum += dx;
        }
    }
    outcome
}

/// The input of a stack and the output of each of its operations.
fn stack(stack: &Stack, inputs: &Inputs<'_>) -> Vec<Vec<f64>> {
    let mut steps = vec![inputs.x.to_vec()];
    for operation in &stack.operations {
        let y = forward(operation, inputs, steps.last().expect("the input"));
        steps.push(y);
    }
    steps
}

/// The output of one operation for the batch `x`. Of `inputs`, `x` and
/// `weights` are not read.
pub fn forward(operation: &Operation, inputs: &Inputs<'_>, x: &[f64]) -> Vec<f64> {
    let parameters = &inputs.parameters[operation.parameters.clone()];
    let mut y = match operation.kind {
        Kind::Conv(..) => convolution(operation, inputs.batch, x, parameters),
        Kind::SplitConv(_) | Kind::ConvTranspose(_) | Kind::Upsample(_) => {
            terms::forward(operation, inputs.batch, x, parameters)
        }
        Kind::Embedding(_) => terms::embedding(operation, inputs.batch, x, parameters),
        Kind::Pool(..) => pool(operation, inputs.batch, x),
        Kind::GroupNorm(norm) => {
            let (gamma, beta) = parameters.split_at(operation.input.channels);
            let normalized = normalize(operation.input, norm, inputs.batch, x).0;
            by_channel(operation.input, &normalized)
                .map(|(c, value)| value * gamma[c] + beta[c])
                .collect()
        }
        Kind::ReLU => x.iter().map(|x| x.max(0.0)).collect(),
        Kind::Dropout(dropout) => match inputs.masks {
            None => x.to_vec(),
            Some(masks) => (x.iter().zip(&masks[dropout.index]))
                .map(|(x, mask)| x * mask * f64::from(dropout.scale))
                .collect(),
        },
        Kind::Elementwise(function) => custom(function.layer, &[], operation, inputs, x),
        Kind::Residual(_) => panic!("several operations are compared as a network"),
        Kind::Custom(ref layer) => custom(
            layer.layer.expect("a bound layer"),
            &layer.parameters,
            operation,
            inputs,
            x,
        ),
    };
    if operation.relu {
        y.iter_mut().for_each(|y| *y = y.max(0.0));
    }
    y
}

/// The gradient of an operation's input `x`, given its output `y` and the
/// output's gradient `dy`; adds to the gradient of all parameters.
pub fn backward(
    operation: &Operation,
    inputs: &Inputs<'_>,
    x: &[f64],
    y: &[f64],
    dy: &[f64],
    all_gradients: &mut [f64],
) -> Vec<f64> {
    let gradients = &mut all_gradients[operation.parameters.clone()];
    let parameters = &inputs.parameters[operation.parameters.clone()];
    let mut dy = dy.to_vec();
    if operation.relu || matches!(operation.kind, Kind::ReLU) {
        for (dy, &y) in dy.iter_mut().zip(y) {
            *dy = if y > 0.0 { *dy } else { 0.0 };
        }
    }
    match operation.kind {
        Kind::Conv(..) => {
            convolution_gradient(operation, inputs.batch, x, &dy, parameters, gradients)
        }
        Kind::SplitConv(_) | Kind::ConvTranspose(_) | Kind::Upsample(_) => {
            terms::backward(operation, x, &dy, parameters, gradients)
        }
        Kind::Embedding(_) => terms::embedding_gradient(operation, x, &dy, gradients),
        Kind::Pool(..) => pool_gradient(operation, inputs.batch, x, &dy),
        Kind::GroupNorm(norm) => {
            norm_gradient(operation, norm, inputs.batch, x, &dy, parameters, gradients)
        }
        Kind::ReLU => dy,
        Kind::Dropout(dropout) => match inputs.masks {
            None => dy,
            Some(masks) => (dy.iter().zip(&masks[dropout.index]))
                .map(|(dy, mask)| dy * mask * f64::from(dropout.scale))
                .collect(),
        },
        Kind::Elementwise(function) => {
            custom_gradient((function.layer, &[]), operation, inputs, x, &dy, gradients)
        }
        Kind::Residual(_) => panic!("several operations are compared as a network"),
        Kind::Custom(ref layer) => custom_gradient(
            (layer.layer.expect("a bound layer"), &layer.parameters),
            operation,
            inputs,
            x,
            &dy,
            gradients,
        ),
    }
}

/// A layer written in operations of dfdx is its own reference, in `f32`.
fn custom(
    layer: &dyn AnyDeviceLayer,
    lengths: &[usize],
    operation: &Operation,
    inputs: &Inputs<'_>,
    x: &[f64],
) -> Vec<f64> {
    let (x, parameters) = custom_inputs(lengths, operation, inputs, x);
    let y = layer.evaluate_cpu(x, parameters);
    y.as_vec().into_iter().map(f64::from).collect()
}

fn custom_gradient(
    (layer, lengths): (&dyn AnyDeviceLayer, &[usize]),
    operation: &Operation,
    inputs: &Inputs<'_>,
    x: &[f64],
    dy: &[f64],
    gradients: &mut [f64],
) -> Vec<f64> {
    let (x, parameters) = custom_inputs(lengths, operation, inputs, x);
    let traced = parameters.iter().map(|p| p.retaped()).collect();
    let y = layer.train_cpu(x.leaky_trace(), traced);
    let dy = dy.iter().map(|&dy| dy as f32).collect();
    let dy = Cpu::default().tensor_from_vec(dy, *y.shape());
    let of = (y * dy).sum::<Rank0, Axes4<0, 1, 2, 3>>().backward();
    let mut start = 0;
    for parameter in &parameters {
        for (i, gradient) in of.get(parameter).as_vec().into_iter().enumerate() {
            gradients[start + i] += f64::from(gradient);
        }
        start += parameter.shape().0;
    }
    of.get(&x).as_vec().into_iter().map(f64::from).collect()
}

fn custom_inputs(
    lengths: &[usize],
    operation: &Operation,
    inputs: &Inputs<'_>,
    x: &[f64],
) -> (Activations<Cpu>, Vec<FlatParameter<Cpu>>) {
    let (device, dims) = (Cpu::default(), operation.input);
    let shape = (inputs.batch, dims.channels, dims.height, dims.width);
    let to_f32 = |values: &[f64]| values.iter().map(|&v| v as f32).collect::<Vec<f32>>();
    let mut rest = &inputs.parameters[operation.parameters.clone()];
    let parameters = (lengths.iter())
        .map(|len| {
            let (own, others) = rest.split_at(*len);
            rest = others;
            device.tensor_from_vec(to_f32(own), (own.len(),))
        })
        .collect();
    (device.tensor_from_vec(to_f32(x), shape), parameters)
}

/// Mean softmax cross-entropy and the gradient of the outputs
/// `[batch, width]`.
pub fn cross_entropy(outputs: &[f64], classes: &[usize]) -> (f64, Vec<f64>) {
    let (batch, width) = (classes.len() as f64, outputs.len() / classes.len());
    let (mut loss, mut gradient) = (0.0, Vec::new());
    for (row, &class) in outputs.chunks(width).zip(classes) {
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = row.iter().map(|z| (z - largest).exp()).sum();
        loss -= (row[class] - largest - sum.ln()) / batch;
        for (i, z) in row.iter().enumerate() {
            let target = if i == class { 1.0 } else { 0.0 };
            gradient.push(((z - largest).exp() / sum - target) / batch);
        }
    }
    (loss, gradient)
}

/// Mean squared error and the gradient of the outputs.
pub fn squared_error(outputs: &[f64], targets: &[f64]) -> (f64, Vec<f64>) {
    let n = outputs.len() as f64;
    let differences = outputs.iter().zip(targets).map(|(y, t)| y - t);
    let loss = differences.clone().map(|d| d * d).sum::<f64>() / n;
    (loss, differences.map(|d| 2.0 * d / n).collect())
}
