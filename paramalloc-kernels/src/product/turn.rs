//! Inputs with the values of an image side by side.

use super::super::grid::Grid;
use super::super::simd::{LANES, Lane, Simd};
use super::PANEL;

#[inline(always)]
pub fn turn_body<S: Simd>(x: Grid<'_>, first: usize, panel: &mut [Lane]) {
    let columns = (x.columns() - first).min(PANEL);
    for (row, images) in panel.chunks_exact_mut(2 * LANES).take(x.rows()).enumerate() {
        let values = &x.row(row)[first..first + columns];
        for half in 0..2 {
            let values = values.get(half * LANES..).unwrap_or_default();
            let mut block = [Lane::ZERO; LANES];
            for (lane, value) in block.iter_mut().zip(values) {
                *lane = *value;
            }
            // SAFETY: the body runs where `S` exists.
            let block = unsafe { S::transpose(block) };
            for (image, lane) in block.into_iter().enumerate() {
                images[2 * image + half] = lane;
            }
        }
    }
}
