//! The register tile of the products at a point.

use super::super::simd::{Lane, Pair};

/// The operand of which one number is multiplied with whole vectors: `row *
/// stride + k` floats after the start.
#[derive(Clone, Copy)]
pub struct Broadcast {
    pub start: *const f32,
    pub stride: usize,
}

/// The other operand: sixteen floats for each `k`, `step` lanes apart, and
/// those of the next sums `next` lanes behind them.
#[derive(Clone, Copy)]
pub struct Vectors {
    pub start: *const Lane,
    pub step: usize,
    pub next: usize,
}

/// Adds `len` terms to `R` rows of `N` times sixteen sums.
///
/// # Safety
/// All places must be readable.
#[inline(always)]
pub unsafe fn add_terms<S: Pair, const R: usize, const N: usize>(
    a: Broadcast,
    b: Vectors,
    len: usize,
    sums: &mut [[S::P; N]; R],
) {
    // An address is one of a few bases and one of a few distances: that many
    // registers there are.
    let s = a.stride;
    let offsets = [0, s, 2 * s, 3 * s];
    let mut bases = [a.start; 4];
    for (i, base) in bases.iter_mut().enumerate() {
        *base = base.wrapping_add(4 * i * s);
    }
    let mut x = b.start;
    for k in 0..len {
        // SAFETY: as for the function.
        unsafe {
            let mut vectors = [S::splat_pair(0.0); N];
            for (n, vector) in vectors.iter_mut().enumerate() {
                *vector = S::load_floats(x.wrapping_add(n * b.next).cast());
            }
            for (r, sums) in sums.iter_mut().enumerate() {
                let factor = S::splat_pair(*bases[r / 4].wrapping_add(offsets[r % 4] + k));
                for (sum, vector) in sums.iter_mut().zip(vectors) {
                    *sum = S::fma_pair(factor, vector, *sum);
                }
            }
        }
        x = x.wrapping_add(b.step);
    }
}

/// Calls `$call` with `$R` rows from `$row` on, for all `$rows`, in as few
/// register tiles of the instruction set as there can be.
macro_rules! each_tile {
    ($S:ident, $rows:expr, |$row:ident, $R:ident| $call:expr) => {{
        let mut $row = 0;
        while $row < $rows {
            let left = $rows - $row;
            $row += match left {
                12.. if $S::TALL >= 12 => each_tile!(@ $R 12 $call),
                8.. if $S::TALL >= 12 => each_tile!(@ $R 8 $call),
                6.. if $S::TALL == 6 => each_tile!(@ $R 6 $call),
                4.. if $S::TALL >= 4 => each_tile!(@ $R 4 $call),
                2.. if $S::TALL == 2 => each_tile!(@ $R 2 $call),
                _ => each_tile!(@ $R 1 $call),
            };
        }
    }};
    (@ $R:ident $r:literal $call:expr) => {{
        const $R: usize = $r;
        $call;
        $R
    }};
}
pub(super) use each_tile;
