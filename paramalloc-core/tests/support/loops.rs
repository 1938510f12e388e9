//! The operations of the reference, one loop over windows or groups each.

use paramalloc_core::layers::operation::NormOperation;
use paramalloc_core::layers::{PoolKind, Window};
use paramalloc_core::network::plan::{Kind, Operation};
use paramalloc_core::network::shape::Dims;

/// Place of a value in a batch of examples of shape `dims`.
fn at(dims: Dims, b: usize, c: usize, row: usize, column: usize) -> usize {
    ((b * dims.channels + c) * dims.height + row) * dims.width + column
}

/// Calls `visit(kernel row, kernel column, row, column)` for the cells inside
/// the image that the window at `(r, c)` sees, in row order.
fn window(
    operation: &Operation,
    (r, c): (usize, usize),
    mut visit: impl FnMut(usize, usize, usize, usize),
) {
    let Window {
        kernel,
        stride,
        rows,
        columns,
    } = match operation.kind {
        Kind::Conv(conv) => conv.window,
        Kind::Pool(pool) => pool.window,
        _ => panic!("an operation without windows"),
    };
    for i in 0..kernel.0 {
        for j in 0..kernel.1 {
            let row = (r * stride + i).wrapping_sub(rows.before);
            let column = (c * stride + j).wrapping_sub(columns.before);
            if row < operation.input.height && column < operation.input.width {
                visit(i, j, row, column);
            }
        }
    }
}

/// Calls `visit(example, channel, row, column)` for each value of a batch.
fn each(batch: usize, dims: Dims, mut visit: impl FnMut(usize, usize, usize, usize)) {
    for b in 0..batch {
        for c in 0..dims.channels {
            for row in 0..dims.height {
                for column in 0..dims.width {
                    visit(b, c, row, column);
                }
            }
        }
    }
}

/// Place of a weight of a convolution.
fn tap(operation: &Operation, o: usize, c: usize, i: usize, j: usize) -> usize {
    let Kind::Conv(conv, ..) = operation.kind else {
        panic!("not a convolution")
    };
    let (rows, columns) = conv.window.kernel;
    ((o * conv.input + c) * rows + i) * columns + j
}

/// Convolution and bias: weights, then biases, in `parameters`.
pub fn convolution(operation: &Operation, batch: usize, x: &[f64], parameters: &[f64]) -> Vec<f64> {
    let (input, output) = (operation.input, operation.output);
    let bias = &parameters[parameters.len() - output.channels..];
    let mut y = vec![0.0; batch * output.len()];
    each(batch, output, |b, o, r, c| {
        let mut sum = bias[o];
        for channel in 0..input.channels {
            window(operation, (r, c), |i, j, row, column| {
                let weight = parameters[tap(operation, o, channel, i, j)];
                sum += weight * x[at(input, b, channel, row, column)];
            });
        }
        y[at(output, b, o, r, c)] = sum;
    });
    y
}

/// The gradient of the input; adds to that of the parameters.
pub fn convolution_gradient(
    operation: &Operation,
    batch: usize,
    x: &[f64],
    dy: &[f64],
    parameters: &[f64],
    gradients: &mut [f64],
) -> Vec<f64> {
    let (input, output) = (operation.input, operation.output);
    let bias = parameters.len() - output.channels;
    let mut dx = vec![0.0; x.len()];
    each(batch, output, |b, o, r, c| {
        let dy = dy[at(output, b, o, r, c)];
        gradients[bias + o] += dy;
        for channel in 0..input.channels {
            window(operation, (r, c), |i, j, row, column| {
                let (tap, cell) = (
                    tap(operation, o, channel, i, j),
                    at(input, b, channel, row, column),
                );
                gradients[tap] += dy * x[cell];
                dx[cell] += dy * parameters[tap];
            });
        }
    });
    dx
}

/// Place and share of each input value that a pooled value is made of.
fn pooled(
    operation: &Operation,
    x: &[f64],
    (b, channel, r, c): (usize, usize, usize, usize),
) -> Vec<(usize, f64)> {
    let Kind::Pool(pool, ..) = operation.kind else {
        panic!("not a pooling")
    };
    let mut cells = Vec::new();
    window(operation, (r, c), |_, _, row, column| {
        cells.push(at(operation.input, b, channel, row, column));
    });
    match pool.kind {
        PoolKind::Average => {
            let share = 1.0 / cells.len() as f64;
            cells.into_iter().map(|cell| (cell, share)).collect()
        }
        PoolKind::Max => {
            let mut largest = cells[0];
            for cell in cells {
                // The first of equal cells stays.
                if x[cell] > x[largest] {
                    largest = cell;
                }
            }
            vec![(largest, 1.0)]
        }
    }
}

/// Pooling.
pub fn pool(operation: &Operation, batch: usize, x: &[f64]) -> Vec<f64> {
    let mut y = Vec::new();
    each(batch, operation.output, |b, channel, r, c| {
        let cells = pooled(operation, x, (b, channel, r, c));
        y.push(cells.iter().map(|&(cell, share)| share * x[cell]).sum());
    });
    y
}

/// The gradient of the input.
pub fn pool_gradient(operation: &Operation, batch: usize, x: &[f64], dy: &[f64]) -> Vec<f64> {
    let mut dx = vec![0.0; x.len()];
    each(batch, operation.output, |b, channel, r, c| {
        for (cell, share) in pooled(operation, x, (b, channel, r, c)) {
            dx[cell] += share * dy[at(operation.output, b, channel, r, c)];
        }
    });
    dx
}

/// The channel of each value of a batch, and the value.
pub fn by_channel(dims: Dims, values: &[f64]) -> impl Iterator<Item = (usize, f64)> + '_ {
    (values.iter().enumerate()).map(move |(i, &value)| (i / dims.plane() % dims.channels, value))
}

/// The normalized values, and one over the deviation for each value.
pub fn normalize(dims: Dims, norm: NormOperation, batch: usize, x: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let (groups, epsilon) = (norm.groups, f64::from(norm.epsilon));
    let n = dims.len() / groups;
    let (mut normalized, mut scales) = (Vec::new(), Vec::new());
    for group in 0..batch * groups {
        let x = &x[group * n..][..n];
        let mean = x.iter().sum::<f64>() / n as f64;
        let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n as f64;
        let scale = 1.0 / (variance + epsilon).sqrt();
        normalized.extend(x.iter().map(|x| (x - mean) * scale));
        scales.extend(std::iter::repeat_n(scale, n));
    }
    (normalized, scales)
}

/// The gradient of the input; adds to that of the parameters.
pub fn norm_gradient(
    operation: &Operation,
    norm: NormOperation,
    batch: usize,
    x: &[f64],
    dy: &[f64],
    parameters: &[f64],
    gradients: &mut [f64],
) -> Vec<f64> {
    let dims = operation.input;
    let (normalized, scales) = normalize(dims, norm, batch, x);
    let mut of_normalized = Vec::new();
    for (i, (c, dy)) in by_channel(dims, dy).enumerate() {
        gradients[c] += dy * normalized[i];
        gradients[dims.channels + c] += dy;
        of_normalized.push(dy * parameters[c]);
    }
    let n = dims.len() / norm.groups;
    let mut dx = Vec::new();
    for start in (0..x.len()).step_by(n) {
        let (d, v) = (&of_normalized[start..][..n], &normalized[start..][..n]);
        let mean = d.iter().sum::<f64>() / n as f64;
        let slope = d.iter().zip(v).map(|(d, v)| d * v).sum::<f64>() / n as f64;
        for i in 0..n {
            dx.push(scales[start + i] * (d[i] - mean - v[i] * slope));
        }
    }
    dx
}
