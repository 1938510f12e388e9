//! The gradient of the input of a few groups. Weights go along the vectors, as they lie
//! in memory: a tile has neighboring inputs of the images of a group, and is turned when
//! its sums are whole. Packing the weights would take as long as multiplying with them.

use super::super::grid::{Grid, GridMut};
use super::super::simd::{LANES, Lane, Pair};
use super::PANEL;

/// The most panels of sixteen inputs that a tile has: with eight images they fill 24 of 32
/// registers.
const WIDE: usize = 3;

/// Weights of every output to some inputs.
#[derive(Clone, Copy)]
struct Lines<'a> {
    /// `[outputs, inputs]`.
    weight: &'a [f32],
    /// At least a panel.
    inputs: usize,
    /// The first of the inputs.
    from: usize,
    /// One past the last.
    end: usize,
}

/// As [`super::input_gradient`], for at least sixteen inputs.
#[inline(always)]
pub fn few_groups<S: Pair>(
    weight: &[f32],
    inputs: usize,
    first: usize,
    gradient: Grid<'_>,
    add: bool,
    mut out: GridMut<'_>,
) {
    let (outputs, end) = (gradient.columns(), first + out.columns());
    assert!(inputs >= PANEL && end <= inputs && weight.len() >= outputs * inputs);
    let mut from = first;
    while from < end {
        let panels = (end - from).div_ceil(PANEL).min(WIDE);
        let lines = Lines {
            weight,
            inputs,
            from,
            end,
        };
        for row in 0..out.rows() {
            let gradient = gradient.row(row);
            let out = &mut out.row_mut(row)[from - first..];
            // SAFETY: the body runs where `S` exists, and `weight` has a line for each
            // value of `gradient`.
            unsafe {
                match panels {
                    WIDE => tile::<S, WIDE>(lines, gradient, add, out),
                    2 => tile::<S, 2>(lines, gradient, add, out),
                    _ => tile::<S, 1>(lines, gradient, add, out),
                }
            }
        }
        from += panels * PANEL;
    }
}

/// `N` panels of inputs of a group, fewer of the last one where `end` is inside it.
///
/// # Safety
/// The processor must have the instructions of `S`, and `lines` as many lines as
/// `gradient` has values.
#[inline(always)]
unsafe fn tile<S: Pair, const N: usize>(
    lines: Lines<'_>,
    gradient: &[Lane],
    add: bool,
    out: &mut [Lane],
) {
    let Lines { from, end, .. } = lines;
    // The last panel of a line begins earlier: past the line there is another one, or
    // nothing. What is there twice is written once.
    let last = lines.inputs - PANEL;
    let starts: [usize; N] = std::array::from_fn(|n| (from + n * PANEL).min(last));
    // SAFETY: as for the caller; a panel from each start on is in a line.
    let sums = unsafe { sums::<S, N>(lines, starts, gradient) };
    for (n, start) in starts.into_iter().enumerate() {
        for half in 0..2 {
            let block: [Lane; LANES] = std::array::from_fn(|image| sums[image][n][half]);
            // SAFETY: as for the caller.
            let block = unsafe { S::transpose(block) };
            for (input, sum) in (start + half * LANES..).zip(block) {
                if (from + n * PANEL..end).contains(&input) {
                    let to = &mut out[input - from];
                    for (to, sum) in to.0.iter_mut().zip(sum.0) {
                        *to = if add { *to + sum } else { sum };
                    }
                }
            }
        }
    }
}

/// The sums over all outputs, each in one order: of an image the panels from `starts` on.
///
/// # Safety
/// As for [`tile`], and each start must be at least a panel before the end of a line.
#[inline(always)]
unsafe fn sums<S: Pair, const N: usize>(
    lines: Lines<'_>,
    starts: [usize; N],
    gradient: &[Lane],
) -> [[[Lane; 2]; N]; LANES] {
    let mut all = [[[Lane::ZERO; 2]; N]; LANES];
    // SAFETY: sixteen weights from each start on are in every line, and there is a line
    // for each value of `gradient`.
    unsafe {
        let mut sums = [[S::splat_pair(0.0); N]; LANES];
        let mut at = starts.map(|start| lines.weight.as_ptr().wrapping_add(start));
        for values in gradient {
            let weights = at.map(|at| S::load_floats(at));
            for (value, sums) in values.0.into_iter().zip(&mut sums) {
                let value = S::splat_pair(value);
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum = S::fma_pair(value, weight, *sum);
                }
            }
            at = at.map(|at| at.wrapping_add(lines.inputs));
        }
        for (all, sums) in all.iter_mut().zip(sums) {
            for (to, sum) in all.iter_mut().zip(sums) {
                S::store_floats(to.as_mut_ptr().cast(), sum);
            }
        }
    }
    all
}
