//! Pooling. Borders are not padded: windows are cut to the real cells.

use std::ops::Range;

use super::geometry::Geometry;
use super::simd::{Lane, Simd, dispatch};

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

/// Side of the windows if they are squares of 2 or 3 that all lie inside the
/// image, else 0: with a side known when compiled, windows need no loops.
fn side(g: &Geometry) -> usize {
    let inside = |out: usize, kernel: usize, before: usize, size: usize| {
        before == 0 && (out - 1) * g.stride + kernel <= size
    };
    let (rows, columns) = (g.kernel.0, g.kernel.1);
    let inside = inside(g.out.0, rows, g.before.0, g.size.0)
        && inside(g.out.1, columns, g.before.1, g.size.1);
    match rows {
        2 | 3 if inside && rows == columns => rows,
        _ => 0,
    }
}

/// `$windows::<$S, side>($args)`.
macro_rules! by_side {
    ($windows:ident, $S:ident, $g:ident, $($arg:expr),*) => {
        match side($g) {
            2 => $windows::<$S, 2>($g, $($arg),*),
            3 => $windows::<$S, 3>($g, $($arg),*),
            _ => $windows::<$S, 0>($g, $($arg),*),
        }
    };
}

/// Real cells of the window at output position `at`, along one axis.
#[inline(always)]
fn cells<const SIDE: usize>(
    at: usize,
    stride: usize,
    kernel: usize,
    before: usize,
    size: usize,
) -> Range<usize> {
    if SIDE > 0 {
        return at * stride..at * stride + SIDE;
    }
    let start = (at * stride).saturating_sub(before);
    start..(at * stride + kernel - before).min(size)
}

/// Calls `window(output place, row range, column range, first cell of the
/// channel)` for every window.
#[inline(always)]
fn for_windows<const SIDE: usize>(
    g: &Geometry,
    mut window: impl FnMut(usize, Range<usize>, Range<usize>, usize),
) {
    for channel in 0..g.input {
        for row in 0..g.out.0 {
            let rows = cells::<SIDE>(row, g.stride, g.kernel.0, g.before.0, g.size.0);
            for column in 0..g.out.1 {
                let columns = cells::<SIDE>(column, g.stride, g.kernel.1, g.before.1, g.size.1);
                let place = (channel * g.out.0 + row) * g.out.1 + column;
                window(place, rows.clone(), columns, channel * g.size.0 * g.size.1);
            }
        }
    }
}

/// Runs `$cell(pointer to the cell, its place in the window)` for the cells of
/// a window of `$image`.
macro_rules! for_cells {
    ($g:ident, $image:ident.$ptr:ident, $rows:ident, $columns:ident, $first:ident,
     |$cell:ident, $place:ident| $body:expr) => {
        assert!($first + ($rows.end - 1) * $g.size.1 + $columns.end <= $image.len());
        let mut $place = 0;
        for row in $rows {
            let line = $image.$ptr().add($first + row * $g.size.1);
            for column in $columns.clone() {
                let $cell = line.add(column);
                $body;
                $place += 1;
            }
        }
        let _ = $place;
    };
}

#[inline(always)]
fn average_body<S: Simd>(g: &Geometry, x: &[Lane], y: &mut [Lane]) {
    by_side!(average_windows, S, g, x, y)
}

#[inline(always)]
fn average_windows<S: Simd, const SIDE: usize>(g: &Geometry, x: &[Lane], y: &mut [Lane]) {
    for_windows::<SIDE>(g, |place, rows, columns, first| {
        let scale = 1.0 / (rows.len() * columns.len()) as f32;
        // SAFETY: `for_cells` asserts that the cells lie in the image.
        unsafe {
            let mut sum = S::splat(0.0);
            for_cells!(g, x.as_ptr, rows, columns, first, |cell, i| {
                sum = S::add(sum, S::load(cell))
            });
            S::store(&raw mut y[place], S::mul(sum, S::splat(scale)));
        }
    });
}

#[inline(always)]
fn average_gradient_body<S: Simd>(g: &Geometry, gradient: &[Lane], out: &mut [Lane]) {
    by_side!(average_gradient_windows, S, g, gradient, out)
}

#[inline(always)]
fn average_gradient_windows<S: Simd, const SIDE: usize>(
    g: &Geometry,
    gradient: &[Lane],
    out: &mut [Lane],
) {
    for_windows::<SIDE>(g, |place, rows, columns, first| {
        let scale = 1.0 / (rows.len() * columns.len()) as f32;
        // SAFETY: as above.
        unsafe {
            let share = S::mul(S::load(&raw const gradient[place]), S::splat(scale));
            for_cells!(g, out.as_mut_ptr, rows, columns, first, |cell, i| {
                S::store(cell, S::add(S::load(cell), share))
            });
        }
    });
}

#[inline(always)]
fn maximum_body<S: Simd>(g: &Geometry, x: &[Lane], y: &mut [Lane], chosen: &mut [Lane]) {
    by_side!(maximum_windows, S, g, x, y, chosen)
}

#[inline(always)]
fn maximum_windows<S: Simd, const SIDE: usize>(
    g: &Geometry,
    x: &[Lane],
    y: &mut [Lane],
    chosen: &mut [Lane],
) {
    for_windows::<SIDE>(g, |place, rows, columns, first| {
        let start = first + rows.start * g.size.1 + columns.start;
        // SAFETY: as above.
        unsafe {
            let mut best = S::load(&raw const x[start]);
            let mut which = S::splat(0.0);
            for_cells!(g, x.as_ptr, rows, columns, first, |cell, i| {
                let value = S::load(cell);
                // Only NaN differs from itself; it stays the maximum.
                let place = S::splat(i as f32);
                which = S::where_greater(value, best, place, which);
                which = S::where_equal(value, value, which, place);
                best = S::where_greater(value, best, value, best);
                best = S::where_equal(value, value, best, value)
            });
            S::store(&raw mut y[place], best);
            S::store(&raw mut chosen[place], which);
        }
    });
}

#[inline(always)]
fn maximum_gradient_body<S: Simd>(
    g: &Geometry,
    gradient: &[Lane],
    chosen: &[Lane],
    out: &mut [Lane],
) {
    by_side!(maximum_gradient_windows, S, g, gradient, chosen, out)
}

#[inline(always)]
fn maximum_gradient_windows<S: Simd, const SIDE: usize>(
    g: &Geometry,
    gradient: &[Lane],
    chosen: &[Lane],
    out: &mut [Lane],
) {
    for_windows::<SIDE>(g, |place, rows, columns, first| {
        // SAFETY: as above.
        unsafe {
            let gradient = S::load(&raw const gradient[place]);
            let chosen = S::load(&raw const chosen[place]);
            for_cells!(g, out.as_mut_ptr, rows, columns, first, |cell, i| {
                let here = S::where_equal(chosen, S::splat(i as f32), gradient, S::splat(0.0));
                S::store(cell, S::add(S::load(cell), here))
            });
        }
    });
}
