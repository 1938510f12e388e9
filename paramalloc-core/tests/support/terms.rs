//! Layers whose output is a sum of products of one input, one weight or
//! nothing, and a number, in plain loops: a list of these products.

use paramalloc_core::layers::UpsampleKind;
use paramalloc_core::network::plan::{Kind, Operation};
use paramalloc_core::network::shape::Dims;

/// `y += factor * x * weight` of one example.
struct Term {
    y: usize,
    x: usize,
    weight: Option<usize>,
    factor: f64,
}

fn at(dims: Dims, channel: usize, row: usize, column: usize) -> usize {
    (channel * dims.height + row) * dims.width + column
}

/// The terms of an operation, and whether a bias per channel is added.
fn terms(operation: &Operation) -> (Vec<Term>, bool) {
    match &operation.kind {
        Kind::SplitConv(_) => (split_conv(operation), true),
        Kind::ConvTranspose(_) => (conv_transpose(operation), true),
        Kind::Upsample(_) => (upsample(operation), false),
        kind => panic!("{kind} is no sum of products"),
    }
}

/// Rows or columns that a cell of a window and a position meet at.
fn cell(
    position: usize,
    stride: usize,
    offset: usize,
    before: usize,
    size: usize,
) -> Option<usize> {
    let at = (position * stride + offset).checked_sub(before)?;
    (at < size).then_some(at)
}

fn split_conv(operation: &Operation) -> Vec<Term> {
    let Kind::SplitConv(split) = &operation.kind else {
        panic!("not a convolution")
    };
    let (input, output, window) = (operation.input, operation.output, split.conv.window);
    let (inputs, outputs) = (
        input.channels / split.groups,
        output.channels / split.groups,
    );
    let (kr, kc) = window.kernel;
    let mut terms = Vec::new();
    for o in 0..output.channels {
        for (i, j) in (0..kr).flat_map(|i| (0..kc).map(move |j| (i, j))) {
            for (r, c) in pixels(output) {
                let (down, across) = (i * split.dilation, j * split.dilation);
                let row = cell(r, window.stride, down, window.rows.before, input.height);
                let column = cell(c, window.stride, across, window.columns.before, input.width);
                let Some((row, column)) = row.zip(column) else {
                    continue;
                };
                for k in 0..inputs {
                    terms.push(Term {
                        y: at(output, o, r, c),
                        x: at(input, o / outputs * inputs + k, row, column),
                        weight: Some(((o * inputs + k) * kr + i) * kc + j),
                        factor: 1.0,
                    });
                }
            }
        }
    }
    terms
}

fn conv_transpose(operation: &Operation) -> Vec<Term> {
    let Kind::ConvTranspose(transposed) = &operation.kind else {
        panic!("not a transposed convolution")
    };
    let (input, output, window) = (operation.input, operation.output, transposed.conv.window);
    let (kr, kc) = window.kernel;
    let mut terms = Vec::new();
    for (i, j) in (0..kr).flat_map(|i| (0..kc).map(move |j| (i, j))) {
        for (r, c) in pixels(input) {
            let row = cell(r, window.stride, i, window.rows.before, output.height);
            let column = cell(c, window.stride, j, window.columns.before, output.width);
            let Some((row, column)) = row.zip(column) else {
                continue;
            };
            for k in 0..input.channels {
                for o in 0..output.channels {
                    terms.push(Term {
                        y: at(output, o, row, column),
                        x: at(input, k, r, c),
                        weight: Some(((k * output.channels + o) * kr + i) * kc + j),
                        factor: 1.0,
                    });
                }
            }
        }
    }
    terms
}

fn upsample(operation: &Operation) -> Vec<Term> {
    let Kind::Upsample(upsample) = &operation.kind else {
        panic!("not a larger image")
    };
    let (input, output) = (operation.input, operation.output);
    // The cells of an axis that a position lies between, with their weights.
    let cells = |position: usize, size: usize| -> [(usize, f64); 2] {
        let factor = upsample.factor as f64;
        match upsample.kind {
            UpsampleKind::Nearest => [((position as f64 / factor).floor() as usize, 1.0), (0, 0.0)],
            UpsampleKind::Bilinear => {
                let center = ((position as f64 + 0.5) / factor - 0.5).max(0.0);
                let (first, weight) = (center.floor(), center.fract());
                let second = (first + 1.0).min(size as f64 - 1.0);
                [(first as usize, 1.0 - weight), (second as usize, weight)]
            }
        }
    };
    let mut terms = Vec::new();
    for channel in 0..input.channels {
        for (r, c) in pixels(output) {
            for (row, down) in cells(r, input.height) {
                for (column, across) in cells(c, input.width) {
                    terms.push(Term {
                        y: at(output, channel, r, c),
                        x: at(input, channel, row, column),
                        weight: None,
                        factor: down * across,
                    });
                }
            }
        }
    }
    terms
}

fn pixels(dims: Dims) -> impl Iterator<Item = (usize, usize)> {
    (0..dims.height).flat_map(move |r| (0..dims.width).map(move |c| (r, c)))
}

/// The output for the batch `x`.
pub fn forward(operation: &Operation, batch: usize, x: &[f64], parameters: &[f64]) -> Vec<f64> {
    let (input, output) = (operation.input, operation.output);
    let (terms, biased) = terms(operation);
    let mut y = vec![0.0; batch * output.len()];
    for (x, y) in x.chunks(input.len()).zip(y.chunks_mut(output.len())) {
        if biased {
            let bias = &parameters[parameters.len() - output.channels..];
            for (y, bias) in y.chunks_mut(output.plane()).zip(bias) {
                y.fill(*bias);
            }
        }
        for term in &terms {
            let weight = term.weight.map_or(1.0, |weight| parameters[weight]);
            y[term.y] += term.factor * x[term.x] * weight;
        }
    }
    y
}

/// The gradient of the input; adds to that of the parameters.
pub fn backward(
    operation: &Operation,
    x: &[f64],
    dy: &[f64],
    parameters: &[f64],
    gradients: &mut [f64],
) -> Vec<f64> {
    let (input, output) = (operation.input, operation.output);
    let (terms, biased) = terms(operation);
    let mut dx = vec![0.0; x.len()];
    let examples = x.chunks(input.len()).zip(dy.chunks(output.len()));
    for ((x, dy), dx) in examples.zip(dx.chunks_mut(input.len())) {
        if biased {
            let bias = gradients.len() - output.channels;
            for (sum, dy) in gradients[bias..].iter_mut().zip(dy.chunks(output.plane())) {
                *sum += dy.iter().sum::<f64>();
            }
        }
        for term in &terms {
            let weight = term.weight.map_or(1.0, |weight| parameters[weight]);
            dx[term.x] += term.factor * dy[term.y] * weight;
            if let Some(weight) = term.weight {
                gradients[weight] += term.factor * dy[term.y] * x[term.x];
            }
        }
    }
    dx
}

/// The rows of a table: `[width, inputs]` of each example.
pub fn embedding(operation: &Operation, batch: usize, x: &[f64], table: &[f64]) -> Vec<f64> {
    let (inputs, width) = (operation.input.len(), operation.output.channels);
    let mut y = vec![0.0; batch * operation.output.len()];
    for (i, &index) in x.iter().enumerate() {
        for k in 0..width {
            let place = (i / inputs * width + k) * inputs + i % inputs;
            y[place] = table[index as usize * width + k];
        }
    }
    y
}

/// Adds to the gradient of the table; that of the indices is 0.
pub fn embedding_gradient(
    operation: &Operation,
    x: &[f64],
    dy: &[f64],
    gradients: &mut [f64],
) -> Vec<f64> {
    let (inputs, width) = (operation.input.len(), operation.output.channels);
    for (i, &index) in x.iter().enumerate() {
        for k in 0..width {
            let place = (i / inputs * width + k) * inputs + i % inputs;
            gradients[index as usize * width + k] += dy[place];
        }
    }
    vec![0.0; x.len()]
}
