//! Pooling. Borders are not padded: windows are cut to the real cells.

use std::ops::Range;

use super::geometry::Geometry;
use super::simd::{LANES, Lane, Simd, dispatch};

dispatch! {
    /// Mean of the real cells of each window.
    pub fn average / average_body(g: &Geometry, x: &[Lane], y: &mut [Lane])
}

dispatch! {
    /// Adds the gradient of the input of [`average`] to `out`.
    pub fn average_gradient / average_gradient_body(
        g: &Geometry, gradient: &[Lane], out: &mut [Lane],
    )
}

dispatch! {
    /// Maximum of the real cells of each window. `chosen` keeps the place of
    /// each maximum in its window, the first of equals in row order. NaN is
    /// the largest.
    pub fn maximum / maximum_body(g: &Geometry, x: &[Lane], y: &mut [Lane], chosen: &mut [Lane])
}

dispatch! {
    /// Adds the gradient of the input of [`maximum`] to `out`.
    pub fn maximum_gradient / maximum_gradient_body(
        g: &Geometry, gradient: &[Lane], chosen: &[Lane], out: &mut [Lane],
    )
}

/// Real cells of the window at output position `at`, along one axis.
#[inline(always)]
fn cells(at: usize, stride: usize, kernel: usize, before: usize, size: usize) -> Range<usize> {
    let start = (at * stride).saturating_sub(before);
    start..(at * stride + kernel - before).min(size)
}

/// Calls `window(output place, row range, column range, first cell of the
/// channel)` for every window.
#[inline(always)]
fn for_windows(g: &Geometry, mut window: impl FnMut(usize, Range<usize>, Range<usize>, usize)) {
    for channel in 0..g.input {
        for row in 0..g.out.0 {
            let rows = cells(row, g.stride, g.kernel.0, g.before.0, g.size.0);
            for column in 0..g.out.1 {
                let columns = cells(column, g.stride, g.kernel.1, g.before.1, g.size.1);
                let place = (channel * g.out.0 + row) * g.out.1 + column;
                window(place, rows.clone(), columns, channel * g.size.0 * g.size.1);
            }
        }
    }
}

#[inline(always)]
fn average_body<S: Simd, const TILE: usize>(g: &Geometry, x: &[Lane], y: &mut [Lane]) {
    for_windows(g, |place, rows, columns, first| {
        let scale = 1.0 / (rows.len() * columns.len()) as f32;
        let mut sum = Lane::ZERO;
        for row in rows {
            let line = &x[first + row * g.size.1..];
            for value in &line[columns.clone()] {
                for i in 0..LANES {
                    sum.0[i] += value.0[i];
                }
            }
        }
        for i in 0..LANES {
            y[place].0[i] = sum.0[i] * scale;
        }
    });
}

#[inline(always)]
fn average_gradient_body<S: Simd, const TILE: usize>(
    g: &Geometry,
    gradient: &[Lane],
    out: &mut [Lane],
) {
    for_windows(g, |place, rows, columns, first| {
        let scale = 1.0 / (rows.len() * columns.len()) as f32;
        let share = Lane(gradient[place].0.map(|v| v * scale));
        for row in rows {
            let line = &mut out[first + row * g.size.1..];
            for value in &mut line[columns.clone()] {
                for i in 0..LANES {
                    value.0[i] += share.0[i];
                }
            }
        }
    });
}

#[inline(always)]
fn maximum_body<S: Simd, const TILE: usize>(
    g: &Geometry,
    x: &[Lane],
    y: &mut [Lane],
    chosen: &mut [Lane],
) {
    for_windows(g, |place, rows, columns, first| {
        let mut best = x[first + rows.start * g.size.1 + columns.start];
        let mut which = Lane::ZERO;
        let width = columns.len();
        for (i, row) in rows.enumerate() {
            let line = &x[first + row * g.size.1..];
            for (j, value) in line[columns.clone()].iter().enumerate() {
                let cell = (i * width + j) as f32;
                for l in 0..LANES {
                    let better = value.0[l] > best.0[l] || value.0[l].is_nan();
                    best.0[l] = if better { value.0[l] } else { best.0[l] };
                    which.0[l] = if better { cell } else { which.0[l] };
                }
            }
        }
        y[place] = best;
        chosen[place] = which;
    });
}

#[inline(always)]
fn maximum_gradient_body<S: Simd, const TILE: usize>(
    g: &Geometry,
    gradient: &[Lane],
    chosen: &[Lane],
    out: &mut [Lane],
) {
    for_windows(g, |place, rows, columns, first| {
        let (gradient, chosen) = (gradient[place], chosen[place]);
        let width = columns.len();
        for (i, row) in rows.enumerate() {
            let line = &mut out[first + row * g.size.1..];
            for (j, value) in line[columns.clone()].iter_mut().enumerate() {
                let cell = (i * width + j) as f32;
                for l in 0..LANES {
                    let here = chosen.0[l] == cell;
                    value.0[l] += if here { gradient.0[l] } else { 0.0 };
                }
            }
        }
    });
}
