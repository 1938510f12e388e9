//! The three products of a dense layer over a whole batch. A pass that takes group
//! after group reads the weights once per group; here a register tile has some outputs of
//! two groups, or of four where there are registers for them, so that weights are read a
//! few times per batch and nothing is repacked:
//!
//! - forward: `y = w x`, weights are broadcast along the images;
//! - gradient of the input: `dx = w^T dy`, of a few groups `dy` is broadcast along the
//!   inputs, of many the weights along the images;
//! - gradient of the weights: `dw = dy x^T`, `dy` is broadcast along the inputs.
//!
//! Each sum runs over its whole length in one order in one thread, whatever
//! the tile: forward as in [`super::conv::forward`], so both give the same bits.

mod few_groups;
mod forward;
mod input;
pub(super) mod tile;
mod turn;
mod weight;

use forward::forward_body;
use input::input_body;
use turn::turn_body;
use weight::weight_body;

use super::grid::{Grid, GridMut};
use super::simd::{LANES, Lane, dispatch};

/// Outputs that make a good part of a layer for one thread: a multiple of the
/// rows of all register tiles but AVX-512's.
pub const ROWS: usize = 48;

/// Inputs that make a good part of an input's gradient for one thread.
pub const INPUTS: usize = 48;

/// Values of an image that a row of a [`turn`]ed input has.
pub const PANEL: usize = 2 * LANES;

/// Lanes of a turned input of `inputs` values in a panel's range, for `groups`.
pub fn turned_len(inputs: usize, groups: usize) -> usize {
    inputs.div_ceil(PANEL) * groups * LANES * 2
}

dispatch! {
    /// `y = w x + bias`, then ReLU if `relu`, for some outputs: as many as `y`
    /// has columns. `weight` is `[outputs, inputs]`, `x` has the inputs as
    /// columns.
    pub fn forward / forward_body(
        weight: &[f32], bias: &[f32], x: Grid<'_>, relu: bool, y: GridMut<'_>,
    )
}

dispatch! {
    /// The gradient of some inputs, from `first` on, as many as `out` has
    /// columns; added to `out` if `add`. `weight` is `[outputs, inputs]`,
    /// `gradient` has the outputs as columns; `scratch` is memory for some weights.
    pub fn input_gradient / input_body(
        weight: &[f32], inputs: usize, first: usize, gradient: Grid<'_>, add: bool,
        out: GridMut<'_>, scratch: &mut Vec<f32>,
    )
}

dispatch! {
    /// The gradients of the weights of some outputs, the columns of
    /// `gradient`: summed over the first `images` images in their order.
    /// `weight` is `[outputs, inputs]`; `x` is the turned input of as many
    /// groups.
    pub fn weight_gradient / weight_body(
        x: &[Lane], inputs: usize, gradient: Grid<'_>, images: usize, weight: &mut [f32],
    )
}

/// The gradients of the biases of some outputs, the columns of `gradient`:
/// groups are added in their order, then the images.
pub fn bias_gradient(gradient: Grid<'_>, bias: &mut [f32]) {
    assert_eq!(bias.len(), gradient.columns());
    for (column, bias) in bias.iter_mut().enumerate() {
        let mut sum = Lane::ZERO;
        for row in 0..gradient.rows() {
            let value = gradient.row(row)[column];
            for (sum, value) in sum.0.iter_mut().zip(value.0) {
                *sum += value;
            }
        }
        *bias = sum.sum();
    }
}

dispatch! {
    /// Writes sixteen columns of `x` from `first` on image by image: a panel of
    /// the input that [`weight_gradient`] takes. Missing columns become zeros.
    pub fn turn / turn_body(x: Grid<'_>, first: usize, panel: &mut [Lane])
}

#[cfg(test)]
mod tests;
