//! The transform of the weights, once per step.

use std::hint::black_box;

use super::super::simd::{LANES, Lane, Level, Pair};
use super::dispatch_sized;
use super::lines::{both_ways, expand, factors};
use super::shape::{PANEL, Tile, Winograd, with_tile};

/// The transformed weights of a unit of `w`, which is the [`Winograd::back`]
/// of a layer if `back`. `weights` is that of the layer, `[output, input, rows,
/// columns]`; `out` gets [`Winograd::unit_len`] floats, as lanes.
///
/// # Panics
/// If a slice is too short.
pub fn transform_weights(
    level: Level,
    w: &Winograd,
    back: bool,
    unit: usize,
    weights: &[f32],
    out: &mut [Lane],
) {
    assert!(weights.len() >= w.weights() && unit < w.units());
    assert!(out.len() * LANES >= w.unit_len());
    // SAFETY: the lengths are asserted.
    unsafe {
        with_tile!(w.tile, |M, R, T| unit_weights::<R, T>(
            level,
            w,
            back,
            unit,
            weights,
            out.as_mut_ptr()
        ));
    }
}

dispatch_sized! {
    /// A unit.
    unsafe fn unit_weights / unit_body [R, T] (
        w: &Winograd, back: bool, unit: usize, weights: &[f32], out: *mut Lane,
    )
}

#[inline(always)]
unsafe fn unit_body<S: Pair, const R: usize, const T: usize>(
    w: &Winograd,
    back: bool,
    unit: usize,
    weights: &[f32],
    out: *mut Lane,
) {
    let sides = black_box((R, T));
    let factors = const { factors::<T>() };
    let (part, panel) = (unit / w.panels(), unit % w.panels());
    for row in 0..w.output {
        let taps = taps::<R>(w, back, (part, panel, row), weights);
        // SAFETY: row and point lie inside the unit.
        unsafe {
            both_ways!(
                S, R to T, sides, expand,
                |i, j| {
                    let at = taps[i][j].as_ptr();
                    S::load_pair(at, at.wrapping_add(1))
                },
                |i, j, v| {
                    let at = out.wrapping_add(((i * T + j) * w.output + row) * 2);
                    let factor = S::splat_pair(factors[i] * factors[j]);
                    S::store_floats(at.cast(), S::mul_pair(factor, v));
                }
            );
        }
    }
}

/// The weights of one output from the channels of a panel, side by side; zeros
/// where there are none.
#[inline(always)]
fn taps<const R: usize>(
    w: &Winograd,
    back: bool,
    (part, panel, row): (usize, usize, usize),
    weights: &[f32],
) -> [[[Lane; 2]; R]; R] {
    let mut taps = [[[Lane::ZERO; 2]; R]; R];
    let (cuts, kernel) = (w.cuts(), w.kernel);
    let corner = (part / cuts * R, part % cuts * R);
    let window = kernel * kernel;
    let (rows, columns) = ((kernel - corner.0).min(R), (kernel - corner.1).min(R));
    for lane in 0..PANEL.min(w.input - panel * PANEL) {
        let channel = panel * PANEL + lane;
        let of = match back {
            true => channel * w.output + row,
            false => row * w.input + channel,
        };
        let weights = &weights[of * window..][..window];
        for i in 0..rows {
            for j in 0..columns {
                let tap = (corner.0 + i) * kernel + corner.1 + j;
                let tap = if back { window - 1 - tap } else { tap };
                taps[i][j][lane / LANES].0[lane % LANES] = weights[tap];
            }
        }
    }
    taps
}
