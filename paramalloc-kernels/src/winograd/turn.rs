//! Inputs with channels side by side, for the gradient of the weights.

use super::super::simd::{LANES, Lane, Simd, dispatch};
use super::shape::{PANEL, Winograd};

/// Lanes of the turned input of `w`: `[panel of sixteen channels, pixel,
/// image]`.
pub fn turned_len(w: &Winograd) -> usize {
    w.panels() * w.size.0 * w.size.1 * LANES * 2
}

dispatch! {
    /// Writes an input, `[channel, pixel]`, image by image and with channels
    /// side by side; missing channels are zeros. `out` has [`turned_len`]
    /// lanes.
    pub fn turn / turn_body(w: &Winograd, x: &[Lane], out: &mut [Lane])
}

#[inline(always)]
fn turn_body<S: Simd>(w: &Winograd, x: &[Lane], out: &mut [Lane]) {
    let pixels = w.size.0 * w.size.1;
    assert!(x.len() >= w.input * pixels && out.len() >= turned_len(w));
    let panels = out.chunks_exact_mut(pixels * LANES * 2).take(w.panels());
    for (panel, out) in panels.enumerate() {
        for half in 0..2 {
            let first = panel * PANEL + half * LANES;
            let channels = w.input.saturating_sub(first).min(LANES);
            for (pixel, images) in out.chunks_exact_mut(LANES * 2).enumerate() {
                let mut block = [Lane::ZERO; LANES];
                for (c, lane) in block.iter_mut().enumerate().take(channels) {
                    *lane = x[(first + c) * pixels + pixel];
                }
                // SAFETY: the body runs where `S` exists.
                let block = unsafe { S::transpose(block) };
                for (image, lane) in block.into_iter().enumerate() {
                    images[2 * image + half] = lane;
                }
            }
        }
    }
}
