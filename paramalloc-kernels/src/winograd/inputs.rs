//! Where the values of two tiles lie that are transformed together.

use super::super::simd::{Lane, Pair};
use super::lines::{both_ways, expand, points};
use super::shape::Winograd;

/// A plane of values: an image's channel, or pixels with channels side by side.
#[derive(Clone, Copy)]
pub struct Plane {
    pub start: *const Lane,
    /// Rows and columns.
    pub size: (usize, usize),
    /// Lanes from a column to the next.
    pub step: usize,
}

/// The square of a plane that a tile reads, from a corner on that may lie
/// outside.
#[derive(Clone, Copy)]
pub struct Square {
    row: isize,
    column: isize,
    inside: bool,
}

impl Square {
    /// `side` rows and columns from a corner on, counted from `before` rows
    /// and columns before the plane.
    #[inline(always)]
    pub fn new(
        corner: (usize, usize),
        before: (usize, usize),
        side: usize,
        size: (usize, usize),
    ) -> Self {
        let at = |corner: usize, before: usize| corner as isize - before as isize;
        let (row, column) = (at(corner.0, before.0), at(corner.1, before.1));
        let fits = |first: isize, size: usize| first >= 0 && first as usize + side <= size;
        let inside = fits(row, size.0) && fits(column, size.1);
        Self {
            row,
            column,
            inside,
        }
    }

    /// Start and lanes from a row to the next of the square in a plane, or of
    /// a copy of it in `patch` with zeros around.
    ///
    /// # Safety
    /// `width` lanes at each place of the plane must be readable, at most its
    /// `step`; `patch` has room for `side * side` times that.
    #[inline(always)]
    pub unsafe fn find(
        &self,
        plane: Plane,
        side: usize,
        width: usize,
        patch: &mut [Lane],
    ) -> (*const Lane, [usize; 2]) {
        let row_step = plane.size.1 * plane.step;
        if self.inside {
            let at = self.row as usize * row_step + self.column as usize * plane.step;
            return (plane.start.wrapping_add(at), [row_step, plane.step]);
        }
        let patch = &mut patch[..side * side * width];
        patch.fill(Lane::ZERO);
        let end = |first: isize, size: usize| (size as isize - first).clamp(0, side as isize);
        let columns = (-self.column).max(0)..end(self.column, plane.size.1);
        for i in (-self.row).max(0)..end(self.row, plane.size.0) {
            for j in columns.clone() {
                let from =
                    (self.row + i) as usize * row_step + (self.column + j) as usize * plane.step;
                let to = (i as usize * side + j as usize) * width;
                for lane in 0..width {
                    // SAFETY: the place is inside the plane.
                    patch[to + lane] = unsafe { *plane.start.wrapping_add(from + lane) };
                }
            }
        }
        (patch.as_ptr(), [side * width, width])
    }
}

/// The points of inputs: for each channel, two tiles at once. `first` and
/// `count` are the tiles, `part` that of the kernel; `out` gets `[point,
/// channel, tile]`.
///
/// # Safety
/// `x` must have the values of `w`, `out` the room of a block.
#[inline(always)]
pub unsafe fn input_points<S: Pair, const T: usize>(
    w: &Winograd,
    sides: (usize, usize),
    (first, count): (usize, usize),
    part: usize,
    x: *const Lane,
    out: *mut Lane,
) {
    let (block, plane) = (w.block(), w.input_plane());
    let corner = (
        part / w.cuts() * w.tile.taps(),
        part % w.cuts() * w.tile.taps(),
    );
    let mut patches = [[Lane::ZERO; 64]; 2];
    for pair in (0..count).step_by(2) {
        let square = |tile: usize| {
            let (row, column) = w.place(first + tile.min(count - 1));
            Square::new((row + corner.0, column + corner.1), w.before, T, w.size)
        };
        let (a, b) = (square(pair), square(pair + 1));
        for channel in 0..w.input {
            // SAFETY: the squares are inside the channel's plane or its copy,
            // the pair inside the block.
            unsafe {
                let start = x.wrapping_add(channel * w.size.0 * w.size.1);
                let from = Plane {
                    start,
                    size: w.size,
                    step: 1,
                };
                let [patch, other] = &mut patches;
                let (a, [a_row, _]) = a.find(from, T, 1, patch);
                let (b, [b_row, _]) = b.find(from, T, 1, other);
                let to = out.wrapping_add(channel * block + pair);
                both_ways!(
                    S, T to T, sides, points,
                    |i, j| S::load_pair(a.wrapping_add(i * a_row + j), b.wrapping_add(i * b_row + j)),
                    |i, j, v| S::store_floats(to.wrapping_add((i * T + j) * plane).cast(), v)
                );
            }
        }
    }
}

/// The points of gradients of outputs: as [`input_points`], of `M x M` values.
///
/// # Safety
/// As there.
#[inline(always)]
pub unsafe fn gradient_points<S: Pair, const M: usize, const T: usize>(
    w: &Winograd,
    sides: (usize, usize),
    (first, count): (usize, usize),
    gradient: *const Lane,
    out: *mut Lane,
) {
    let (block, plane) = (w.block(), w.output_plane());
    let mut patches = [[Lane::ZERO; 36]; 2];
    for pair in (0..count).step_by(2) {
        let square = |tile: usize| {
            let corner = w.place(first + tile.min(count - 1));
            Square::new(corner, (0, 0), M, w.out)
        };
        let (a, b) = (square(pair), square(pair + 1));
        for channel in 0..w.output {
            // SAFETY: as above.
            unsafe {
                let start = gradient.wrapping_add(channel * w.out.0 * w.out.1);
                let from = Plane {
                    start,
                    size: w.out,
                    step: 1,
                };
                let [patch, other] = &mut patches;
                let (a, [a_row, _]) = a.find(from, M, 1, patch);
                let (b, [b_row, _]) = b.find(from, M, 1, other);
                let to = out.wrapping_add(channel * block + pair);
                both_ways!(
                    S, M to T, sides, expand,
                    |i, j| S::load_pair(a.wrapping_add(i * a_row + j), b.wrapping_add(i * b_row + j)),
                    |i, j, v| S::store_floats(to.wrapping_add((i * T + j) * plane).cast(), v)
                );
            }
        }
    }
}
