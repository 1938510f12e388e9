//! Register tiles: some rows of sums over a whole length, of which one operand is
//! broadcast and the other one goes along the vectors.

use super::super::grid::Grid;
use super::super::simd::{Lane, Pair, Simd};

/// The broadcast operand of a tile: element `(row, k)` is `row * stride + k *
/// step` floats after the start.
#[derive(Clone, Copy)]
pub struct Broadcast {
    pub start: *const f32,
    pub stride: usize,
    pub step: usize,
}

impl Broadcast {
    #[inline(always)]
    pub fn from(self, row: usize) -> Self {
        let start = self.start.wrapping_add(row * self.stride);
        Self { start, ..self }
    }
}

/// Terms of a sum between two tests of its loop.
const TERMS: usize = 4;

/// `R` rows of sixteen sums over `len` terms: `x` goes along `b`, whose halves
/// advance by `by` lanes a term.
#[inline(always)]
pub unsafe fn pair_tile<S: Pair, const R: usize>(
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

/// Rows of a register tile that has two vectors of sixteen sums of each.
pub const TALL: usize = 12;

/// The same for at most twelve rows of `N` times sixteen sums: `b` gives the vectors of
/// a term. With two of them each number of `a` is loaded once for two multiply-adds,
/// which leaves the loads of the processor behind its arithmetic.
///
/// # Safety
/// Every term of `a` must be readable.
#[inline(always)]
pub unsafe fn tall_tile<S: Pair, const R: usize, const N: usize>(
    a: Broadcast,
    len: usize,
    b: impl Fn(usize) -> [S::P; N],
    mut sums: [[S::P; N]; R],
) -> [[S::P; N]; R] {
    const { assert!(R <= TALL) }
    // An address is one of a few bases and one of a few distances: that many
    // registers there are.
    let s = a.stride;
    let offsets = [0, s, 2 * s, 3 * s];
    let mut bases: [*const f32; 3] = std::array::from_fn(|i| a.from(4 * i).start);
    for k in 0..len {
        let vectors = b(k);
        for (r, sums) in sums.iter_mut().enumerate() {
            // SAFETY: as for the caller.
            unsafe {
                let factor = S::splat_pair(*bases[r / 4].wrapping_add(offsets[r % 4]));
                for (sum, vector) in sums.iter_mut().zip(vectors) {
                    *sum = S::fma_pair(factor, vector, *sum);
                }
            }
        }
        for base in &mut bases {
            *base = base.wrapping_add(a.step);
        }
    }
    sums
}

/// The same for one group.
#[inline(always)]
pub unsafe fn single_tile<S: Simd, const R: usize>(
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
    (tall $rows:expr, |$row:ident, $R:ident| $call:expr) => {
        in_tiles!(@ $rows, TALL, $row, $R, $call, 1 2 3 4 5 6 7 8 9 10 11 12)
    };
    (@ $rows:expr, $most:expr, $row:ident, $R:ident, $call:expr, $($size:literal)*) => {
        let tiles = $rows.div_ceil($most);
        for i in 0..tiles {
            let $row = $rows * i / tiles;
            match $rows * (i + 1) / tiles - $row {
                $($size if const { $size <= $most } => {
                    const $R: usize = $size;
                    $call
                })*
                n => unreachable!("a tile of {n} rows"),
            }
        }
    };
}
pub(super) use in_tiles;

/// Rows of a register tile of single groups.
pub const fn single_rows<S: Pair>() -> usize {
    if S::ROWS > 6 { 14 } else { 2 * S::ROWS }
}

/// Terms of a tall tile from four groups: rows of `from` from `row` on.
///
/// # Safety
/// Those rows are inside, and so is each term that is asked for.
#[inline(always)]
pub unsafe fn four_groups<S: Pair>(from: Grid<'_>, row: usize) -> impl Fn(usize) -> [S::P; 2] {
    let [a, b, c, d] = std::array::from_fn(|i| from.at(row + i));
    // SAFETY: as for the function.
    move |k| unsafe {
        [
            S::load_pair(a.add(k), b.add(k)),
            S::load_pair(c.add(k), d.add(k)),
        ]
    }
}
