//! The gradient of the weights.

use super::super::grid::Grid;
use super::super::simd::{LANES, Lane, Pair};
use super::tile::{Broadcast, TALL, in_tiles, pair_tile, tall_tile};
use super::{PANEL, turned_len};

/// Lanes of turned input that pass under all outputs before the next: so many
/// stay in the second-level cache.
const BLOCK: usize = 4096;

#[inline(always)]
pub fn weight_body<S: Pair>(
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
        let mut panel = start;
        if const { S::TALL >= TALL } {
            while panel + 2 <= end {
                in_tiles!(tall outputs, |output, R| {
                    // SAFETY: both panels are inside `x`, and the outputs are columns
                    // of `gradient`.
                    let sums = unsafe {
                        let panels = x.as_ptr().add(panel * panel_len);
                        tall_weight_tile::<S, R>(gradient, output, images, panels, panel_len)
                    };
                    for (r, sums) in sums.into_iter().enumerate() {
                        for (n, sum) in sums.into_iter().enumerate() {
                            let line = &mut weight[(output + r) * inputs..][..inputs];
                            store_weights::<S>(line, panel + n, sum);
                        }
                    }
                });
                panel += 2;
            }
        }
        if panel == end {
            continue;
        }
        in_tiles!(outputs, S::ROWS, |output, R| {
            for panel in panel..end {
                // SAFETY: the panel is inside `x`, and the outputs are columns
                // of `gradient`.
                let sums = unsafe {
                    let panel = x.as_ptr().add(panel * panel_len);
                    weight_tile::<S, R>(gradient, output, images, panel)
                };
                for (r, sum) in sums.into_iter().enumerate() {
                    let line = &mut weight[(output + r) * inputs..][..inputs];
                    store_weights::<S>(line, panel, sum);
                }
            }
        });
    }
}

/// Writes the gradients of a panel's weights to the line of their output.
#[inline(always)]
fn store_weights<S: Pair>(line: &mut [f32], panel: usize, gradients: S::P) {
    let column = panel * PANEL;
    let floats = (line.len() - column).min(PANEL);
    let to = &mut line[column..][..floats];
    // SAFETY: sixteen floats have room in both.
    unsafe {
        if floats == PANEL {
            S::store_floats(to.as_mut_ptr(), gradients);
        } else {
            let mut all = [0.0; PANEL];
            S::store_floats(all.as_mut_ptr(), gradients);
            to.copy_from_slice(&all[..floats]);
        }
    }
}

/// The gradients of a group's images, of outputs from `output` on.
#[inline(always)]
unsafe fn of_group(gradient: Grid<'_>, row: usize, output: usize) -> Broadcast {
    // SAFETY: as for the caller, whose outputs are columns of `gradient`.
    let start = unsafe { gradient.at(row).add(output).cast() };
    Broadcast {
        start,
        stride: LANES,
        step: 1,
    }
}

/// `R` outputs of two panels that are `panel_len` lanes apart.
#[inline(always)]
unsafe fn tall_weight_tile<S: Pair, const R: usize>(
    gradient: Grid<'_>,
    output: usize,
    images: usize,
    panels: *const Lane,
    panel_len: usize,
) -> [[S::P; 2]; R] {
    unsafe {
        let mut sums = [[S::splat_pair(0.0); 2]; R];
        for row in 0..images.div_ceil(LANES) {
            let a = of_group(gradient, row, output);
            let b = panels.add(row * LANES * 2);
            let b = |k: usize| {
                let first = b.add(2 * k);
                [
                    S::load_floats(first.cast()),
                    S::load_floats(first.add(panel_len).cast()),
                ]
            };
            let len = (images - row * LANES).min(LANES);
            sums = tall_tile::<S, R, 2>(a, len, b, sums);
        }
        sums
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
            let a = of_group(gradient, row, output);
            let b = panel.add(row * LANES * 2);
            let len = (images - row * LANES).min(LANES);
            sums = pair_tile::<S, R>(a, len, [b, b.add(1)], 2, sums);
        }
        sums
    }
}
