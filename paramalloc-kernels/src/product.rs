//! The three products of a dense layer over a whole batch. A pass that takes group
//! after group reads the weights once per group; here a register tile has some outputs of two groups, so
//! that weights are read once per batch and nothing is repacked:
//!
//! - forward: `y = w x`, weights are broadcast along the images;
//! - gradient of the input: `dx = w^T dy`, the same with turned weights;
//! - gradient of the weights: `dw = dy x^T`, `dy` is broadcast along the inputs.
//!
//! Each sum runs over its whole length in one order in one thread, whatever
//! the tile: forward as in [`super::conv::forward`], so both give the same bits.

use super::grid::{Grid, GridMut};
use super::simd::{LANES, Lane, Pair, Simd, dispatch};

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
    /// `gradient` has the outputs as columns; `scratch` has room for as many
    /// weights as there are outputs times columns of `out`.
    pub fn input_gradient / input_body(
        weight: &[f32], inputs: usize, first: usize, gradient: Grid<'_>, add: bool,
        out: GridMut<'_>, scratch: &mut [f32],
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

/// Writes sixteen columns of `x` from `first` on image by image: a panel of
/// the input that [`weight_gradient`] takes. Missing columns become zeros.
pub fn turn(x: Grid<'_>, first: usize, panel: &mut [Lane]) {
    let columns = (x.columns() - first).min(PANEL);
    for (row, images) in panel.chunks_exact_mut(2 * LANES).take(x.rows()).enumerate() {
        let values = &x.row(row)[first..first + columns];
        let zero = Lane::ZERO;
        for half in 0..2 {
            for lane in 0..LANES {
                let image = &mut images[2 * lane + half];
                for (i, value) in image.0.iter_mut().enumerate() {
                    *value = values.get(half * LANES + i).unwrap_or(&zero).0[lane];
                }
            }
        }
    }
}

/// The broadcast operand of a tile: element `(row, k)` is `row * stride + k *
/// step` floats after the start.
#[derive(Clone, Copy)]
struct Broadcast {
    start: *const f32,
    stride: usize,
    step: usize,
}

impl Broadcast {
    #[inline(always)]
    fn from(self, row: usize) -> Self {
        let start = self.start.wrapping_add(row * self.stride);
        Self { start, ..self }
    }
}

/// Terms of a sum between two tests of its loop.
const TERMS: usize = 4;

/// `R` rows of sixteen sums over `len` terms: `x` goes along `b`, whose halves
/// advance by `by` lanes a term.
#[inline(always)]
unsafe fn pair_tile<S: Pair, const R: usize>(
    a: Broadcast,
    len: usize,
    b: [*const Lane; 2],
    by: usize,
    mut sums: [S::P; R],
) -> [S::P; R] {
    unsafe {
        // A pointer per row, so that the loop computes no address.
        let mut rows: [*const f32; R] = std::array::from_fn(|r| a.from(r).start);
        let [mut b0, mut b1] = b;
        for _ in 0..len / TERMS {
            for k in 0..TERMS {
                let v = S::load_pair(b0.add(k * by), b1.add(k * by));
                for (sum, row) in sums.iter_mut().zip(rows) {
                    *sum = S::fma_pair(S::splat_pair(*row.add(k * a.step)), v, *sum);
                }
            }
            for row in &mut rows {
                *row = row.wrapping_add(TERMS * a.step);
            }
            b0 = b0.wrapping_add(TERMS * by);
            b1 = b1.wrapping_add(TERMS * by);
        }
        for k in 0..len % TERMS {
            let v = S::load_pair(b0.add(k * by), b1.add(k * by));
            for (sum, row) in sums.iter_mut().zip(rows) {
                *sum = S::fma_pair(S::splat_pair(*row.add(k * a.step)), v, *sum);
            }
        }
        sums
    }
}

/// The same for one group.
#[inline(always)]
unsafe fn single_tile<S: Simd, const R: usize>(
    a: Broadcast,
    len: usize,
    b: *const Lane,
    mut sums: [S::V; R],
) -> [S::V; R] {
    unsafe {
        let (mut at, mut b) = (a.start, b);
        for _ in 0..len {
            let v = S::load(b);
            for (r, sum) in sums.iter_mut().enumerate() {
                *sum = S::fma(S::splat(*at.add(r * a.stride)), v, *sum);
            }
            at = at.wrapping_add(a.step);
            b = b.wrapping_add(1);
        }
        sums
    }
}

/// Calls `$call::<R>` for `$rows` rows in tiles of at most `$most`, as even as
/// possible, with the first row of each.
macro_rules! in_tiles {
    ($rows:expr, $most:expr, |$row:ident, $R:ident| $call:expr) => {
        in_tiles!(@ $rows, $most, $row, $R, $call, 1 2 3 4 5 6 7 8 9 10 11 12 13 14)
    };
    (@ $rows:expr, $most:expr, $row:ident, $R:ident, $call:expr, $($size:literal)*) => {
        let tiles = $rows.div_ceil($most);
        for i in 0..tiles {
            let $row = $rows * i / tiles;
            match $rows * (i + 1) / tiles - $row {
                $($size if $size <= $most => {
                    const $R: usize = $size;
                    $call
                })*
                n => unreachable!("a tile of {n} rows"),
            }
        }
    };
}

#[inline(always)]
fn forward_body<S: Pair>(weight: &[f32], bias: &[f32], x: Grid<'_>, relu: bool, y: GridMut<'_>) {
    let (inputs, outputs) = (x.columns(), y.columns());
    assert!(weight.len() >= inputs * outputs && bias.len() >= outputs);
    assert_eq!(x.rows(), y.rows());
    let a = Broadcast {
        start: weight.as_ptr(),
        stride: inputs,
        step: 1,
    };
    let mut row = 0;
    // SAFETY: all rows of both grids are inside; the lengths are asserted.
    unsafe {
        while row + 2 <= x.rows() {
            let b = [x.at(row), x.at(row + 1)];
            let to = [y.at(row), y.at(row + 1)];
            in_tiles!(outputs, S::ROWS, |first, R| {
                let bias: [S::P; R] =
                    std::array::from_fn(|r| S::splat_pair(*bias.get_unchecked(first + r)));
                let sums = pair_tile::<S, R>(a.from(first), inputs, b, 1, bias);
                for (r, sum) in sums.into_iter().enumerate() {
                    let sum = if relu {
                        S::max_pair(S::splat_pair(0.0), sum)
                    } else {
                        sum
                    };
                    S::store_pair(to[0].add(first + r), to[1].add(first + r), sum);
                }
            });
            row += 2;
        }
        if row < x.rows() {
            let (b, to) = (x.at(row), y.at(row));
            in_tiles!(outputs, const { single_rows::<S>() }, |first, R| {
                let bias: [S::V; R] =
                    std::array::from_fn(|r| S::splat(*bias.get_unchecked(first + r)));
                let sums = single_tile::<S, R>(a.from(first), inputs, b, bias);
                for (r, sum) in sums.into_iter().enumerate() {
                    let sum = if relu {
                        S::max(S::splat(0.0), sum)
                    } else {
                        sum
                    };
                    S::store(to.add(first + r), sum);
                }
            });
        }
    }
}

/// Rows of a register tile of single groups.
const fn single_rows<S: Pair>() -> usize {
    if S::ROWS > 6 { 14 } else { 2 * S::ROWS }
}

#[inline(always)]
fn input_body<S: Pair>(
    weight: &[f32],
    inputs: usize,
    first: usize,
    gradient: Grid<'_>,
    add: bool,
    out: GridMut<'_>,
    scratch: &mut [f32],
) {
    let (outputs, columns) = (gradient.columns(), out.columns());
    assert!(first + columns <= inputs && weight.len() >= outputs * inputs);
    assert!(scratch.len() >= outputs * columns && gradient.rows() == out.rows());
    let lines = weight
        .chunks_exact(inputs)
        .zip(scratch.chunks_exact_mut(columns));
    for (from, to) in lines.take(outputs) {
        to.copy_from_slice(&from[first..first + columns]);
    }
    let a = Broadcast {
        start: scratch.as_ptr(),
        stride: 1,
        step: columns,
    };
    let mut row = 0;
    // SAFETY: all rows of both grids are inside; the lengths are asserted.
    unsafe {
        while row + 2 <= out.rows() {
            let b = [gradient.at(row), gradient.at(row + 1)];
            let to = [out.at(row), out.at(row + 1)];
            in_tiles!(columns, S::ROWS, |first, R| {
                let zeros = [S::splat_pair(0.0); R];
                let sums = pair_tile::<S, R>(a.from(first), outputs, b, 1, zeros);
                for (r, sum) in sums.into_iter().enumerate() {
                    let (p, q) = (to[0].add(first + r), to[1].add(first + r));
                    let sum = if add {
                        S::add_pair(S::load_pair(p, q), sum)
                    } else {
                        sum
                    };
                    S::store_pair(p, q, sum);
                }
            });
            row += 2;
        }
        if row < out.rows() {
            let (b, to) = (gradient.at(row), out.at(row));
            in_tiles!(columns, const { single_rows::<S>() }, |first, R| {
                let zeros = [S::splat(0.0); R];
                let sums = single_tile::<S, R>(a.from(first), outputs, b, zeros);
                for (r, sum) in sums.into_iter().enumerate() {
                    let p = to.add(first + r);
                    let sum = if add { S::add(S::load(p), sum) } else { sum };
                    S::store(p, sum);
                }
            });
        }
    }
}

/// Lanes of turned input that pass under all outputs before the next: so many
/// stay in the second-level cache.
const BLOCK: usize = 4096;

#[inline(always)]
fn weight_body<S: Pair>(
    x: &[Lane],
    inputs: usize,
    gradient: Grid<'_>,
    images: usize,
    weight: &mut [f32],
) {
    let (outputs, groups) = (gradient.columns(), gradient.rows());
    assert!(x.len() >= turned_len(inputs, groups) && images <= groups * LANES);
    assert!(weight.len() >= outputs * inputs);
    let (panels, panel_len) = (inputs.div_ceil(PANEL), groups * LANES * 2);
    let together = (BLOCK / panel_len.max(1)).max(1);
    for start in (0..panels).step_by(together) {
        let end = (start + together).min(panels);
        in_tiles!(outputs, S::ROWS, |output, R| {
            for panel in start..end {
                // SAFETY: the panel is inside `x`, and the outputs are columns
                // of `gradient`.
                let sums = unsafe {
                    let panel = x.as_ptr().add(panel * panel_len);
                    weight_tile::<S, R>(gradient, output, images, panel)
                };
                let column = panel * PANEL;
                let floats = (inputs - column).min(PANEL);
                for (r, sum) in sums.into_iter().enumerate() {
                    let to = &mut weight[(output + r) * inputs + column..][..floats];
                    // SAFETY: sixteen floats have room in both.
                    unsafe {
                        if floats == PANEL {
                            S::store_floats(to.as_mut_ptr(), sum);
                        } else {
                            let mut all = [0.0; PANEL];
                            S::store_floats(all.as_mut_ptr(), sum);
                            to.copy_from_slice(&all[..floats]);
                        }
                    }
                }
            }
        });
    }
}

/// `R` outputs of one panel.
#[inline(always)]
unsafe fn weight_tile<S: Pair, const R: usize>(
    gradient: Grid<'_>,
    output: usize,
    images: usize,
    panel: *const Lane,
) -> [S::P; R] {
    unsafe {
        let mut sums = [S::splat_pair(0.0); R];
        for row in 0..images.div_ceil(LANES) {
            let a = Broadcast {
                start: gradient.at(row).add(output).cast(),
                stride: LANES,
                step: 1,
            };
            let b = panel.add(row * LANES * 2);
            let len = (images - row * LANES).min(LANES);
            sums = pair_tile::<S, R>(a, len, [b, b.add(1)], 2, sums);
        }
        sums
    }
}

#[cfg(test)]
mod tests;
