//! Functions of single values, given as plain Rust, over groups.
//!
//! The loops are compiled for each instruction set; the compiler turns what
//! the function does into vector code, if it has no calls and no branches that
//! cannot become selections.

use super::simd::{LANES, Lane, Level};

/// `y = f(x)` at all places.
pub fn map(level: Level, x: &[Lane], y: &mut [Lane], f: impl Fn(f32) -> f32) {
    each(level, x, &[], y, |x, _, y| {
        for (y, x) in y.iter_mut().zip(x) {
            *y = f(*x);
        }
    });
}

/// `gradient *= slope(x, y)` at all places.
pub fn multiply_slope(
    level: Level,
    x: &[Lane],
    y: &[Lane],
    gradient: &mut [Lane],
    slope: impl Fn(f32, f32) -> f32,
) {
    each(level, x, y, gradient, |x, y, gradient| {
        for ((gradient, x), y) in gradient.iter_mut().zip(x).zip(y) {
            *gradient *= slope(*x, *y);
        }
    });
}

/// Runs `body` on the values of the slices, compiled for the level's
/// instruction set.
#[inline(always)]
fn each(
    level: Level,
    a: &[Lane],
    b: &[Lane],
    c: &mut [Lane],
    body: impl Fn(&[f32], &[f32], &mut [f32]),
) {
    let (a, b, c) = (flat(a), flat(b), flat_mut(c));
    #[cfg(target_arch = "x86_64")]
    {
        use super::simd::Instructions;

        #[target_feature(enable = "avx512f,avx512vl,avx2,fma")]
        fn avx512(a: &[f32], b: &[f32], c: &mut [f32], body: impl Fn(&[f32], &[f32], &mut [f32])) {
            body(a, b, c);
        }

        #[target_feature(enable = "avx2,fma")]
        fn avx2(a: &[f32], b: &[f32], c: &mut [f32], body: impl Fn(&[f32], &[f32], &mut [f32])) {
            body(a, b, c);
        }

        match level.0 {
            // SAFETY: a `Level` comes from `detect` or `available`, which ask
            // the processor.
            Instructions::Avx512 => return unsafe { avx512(a, b, c, body) },
            // SAFETY: as above.
            Instructions::Avx2 => return unsafe { avx2(a, b, c, body) },
            Instructions::Portable | Instructions::Neon => {}
        }
    }
    // NEON is what every aarch64 has.
    let _ = level;
    body(a, b, c);
}

/// The values of lanes, one after the other.
fn flat(lanes: &[Lane]) -> &[f32] {
    // SAFETY: a `Lane` is `LANES` floats and nothing else (`repr(C)`, and 32
    // is a multiple of its alignment), and the floats live as long.
    unsafe { std::slice::from_raw_parts(lanes.as_ptr().cast(), lanes.len() * LANES) }
}

/// The same to write to.
fn flat_mut(lanes: &mut [Lane]) -> &mut [f32] {
    // SAFETY: as above, and the borrow is exclusive.
    unsafe { std::slice::from_raw_parts_mut(lanes.as_mut_ptr().cast(), lanes.len() * LANES) }
}
