//! Rows of a table, found by index.

use super::simd::{LANES, Lane};

/// Row `x` of `table`, `[rows, width]`, for each of the inputs: `y` is
/// `[width, inputs]`. An input is a whole number below the number of rows;
/// any other finds the first or the last row.
pub fn forward(table: &[f32], width: usize, x: &[Lane], y: &mut [Lane]) {
    for (i, indices) in x.iter().enumerate() {
        for lane in 0..LANES {
            let row = row(table, width, indices.0[lane]);
            for (k, &value) in table[row..row + width].iter().enumerate() {
                y[k * x.len() + i].0[lane] = value;
            }
        }
    }
}

/// Adds the gradient of the table for the first `count` examples.
pub fn backward(width: usize, x: &[Lane], gradient: &[Lane], count: usize, table: &mut [f32]) {
    for (i, indices) in x.iter().enumerate() {
        for lane in 0..count {
            let row = row(table, width, indices.0[lane]);
            for (k, sum) in table[row..row + width].iter_mut().enumerate() {
                *sum += gradient[k * x.len() + i].0[lane];
            }
        }
    }
}

/// Where the row of an index starts.
fn row(table: &[f32], width: usize, index: f32) -> usize {
    // The conversion turns NaN and what is below 0 into 0.
    (index as usize).min(table.len() / width - 1) * width
}
