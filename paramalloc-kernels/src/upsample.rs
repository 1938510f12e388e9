//! Enlarged images.

use serde::{Deserialize, Serialize};

use super::simd::{Lane, Simd, dispatch};
use crate::shape::Dims;

/// An image enlarged by a whole factor both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpsampleOperation {
    /// Rows and columns of output per row and column.
    pub factor: usize,
    /// How values between pixels are found.
    pub kind: UpsampleKind,
}

/// How values between pixels are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UpsampleKind {
    /// The value of the nearest pixel.
    Nearest,
    /// Linear both ways between pixel centers.
    Bilinear,
}

/// Where a row or column of an enlarged image lies between two of the image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Between {
    /// The two, the second one not before the first.
    pub cells: [usize; 2],
    /// The second one's weight, 0 to less than 1; the first one has the rest.
    pub weight: f32,
}

impl UpsampleOperation {
    /// Where row (or column) `position` of the enlarged image lies in an image
    /// of `size` rows (or columns).
    pub fn between(&self, position: usize, size: usize) -> Between {
        let nearest = position / self.factor;
        if self.kind == UpsampleKind::Nearest {
            return Between {
                cells: [nearest; 2],
                weight: 0.0,
            };
        }
        // Twice the factor times the position of the pixel's center.
        let unit = 2 * self.factor;
        let at = (2 * position + 1).saturating_sub(self.factor);
        let first = at / unit;
        Between {
            cells: [first, (first + 1).min(size - 1)],
            weight: (at % unit) as f32 / unit as f32,
        }
    }
}

dispatch! {
    /// `x`, images of shape `input`, enlarged.
    pub fn forward / forward_body(
        operation: &UpsampleOperation, input: Dims, x: &[Lane], y: &mut [Lane],
    )
}

dispatch! {
    /// Adds the gradient of the input of [`forward`] to `out`.
    pub fn backward / backward_body(
        operation: &UpsampleOperation, input: Dims, gradient: &[Lane], out: &mut [Lane],
    )
}

#[inline(always)]
fn forward_body<S: Simd>(operation: &UpsampleOperation, input: Dims, x: &[Lane], y: &mut [Lane]) {
    each_pixel(operation, input, |to, cells, weights| {
        let mut sum = Lane::ZERO;
        for (cell, weight) in cells.into_iter().zip(weights) {
            for (sum, value) in sum.0.iter_mut().zip(x[cell].0) {
                *sum += weight * value;
            }
        }
        y[to] = sum;
    });
}

#[inline(always)]
fn backward_body<S: Simd>(
    operation: &UpsampleOperation,
    input: Dims,
    gradient: &[Lane],
    out: &mut [Lane],
) {
    each_pixel(operation, input, |from, cells, weights| {
        let gradient = gradient[from];
        for (cell, weight) in cells.into_iter().zip(weights) {
            for (sum, value) in out[cell].0.iter_mut().zip(gradient.0) {
                *sum += weight * value;
            }
        }
    });
}

/// Calls `pixel` with each pixel of the enlarged image, the four cells of the
/// image that it lies between, and their weights.
#[inline(always)]
fn each_pixel(
    operation: &UpsampleOperation,
    input: Dims,
    mut pixel: impl FnMut(usize, [usize; 4], [f32; 4]),
) {
    let (rows, columns) = (input.height, input.width);
    let mut index = 0;
    for plane in 0..input.channels {
        for row in 0..rows * operation.factor {
            let row = operation.between(row, rows);
            let [top, bottom] = row.cells.map(|row| (plane * rows + row) * columns);
            for column in 0..columns * operation.factor {
                let column = operation.between(column, columns);
                let [left, right] = column.cells;
                let (down, across) = (row.weight, column.weight);
                let cells = [top + left, top + right, bottom + left, bottom + right];
                let weights = [
                    (1.0 - down) * (1.0 - across),
                    (1.0 - down) * across,
                    down * (1.0 - across),
                    down * across,
                ];
                pixel(index, cells, weights);
                index += 1;
            }
        }
    }
}
