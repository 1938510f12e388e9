//! Functions of single values, given as plain Rust, over groups.
//!
//! The loops are compiled for each instruction set; the compiler turns what
//! the function does into vector code, if it has no calls and no branches that
//! cannot become selections. So functions and loops are methods of traits,
//! which can be `#[inline(always)]`: a closure that is long, or a function
//! behind a pointer to it, may become a function of its own, and that one has
//! the instructions that every processor has, for one value after the other.

use std::marker::PhantomData;

use super::simd::{LANES, Lane, Level};

/// A function of single values.
pub trait Function {
    /// Its value at `x`.
    fn value(x: f32) -> f32;

    /// Its derivative at `x`, where its value is `y`.
    fn slope(x: f32, y: f32) -> f32;
}

/// `y = F(x)` at all places.
pub fn map<F: Function>(level: Level, x: &[Lane], y: &mut [Lane]) {
    each::<Values<F>>(level, x, &[], y);
}

/// `gradient *= slope(x, y)` at all places.
pub fn multiply_slope<F: Function>(level: Level, x: &[Lane], y: &[Lane], gradient: &mut [Lane]) {
    each::<Slopes<F>>(level, x, y, gradient);
}

/// A loop over slices.
trait Body {
    fn run(a: &[f32], b: &[f32], c: &mut [f32]);
}

/// The loop of [`map`].
struct Values<F>(PhantomData<F>);

impl<F: Function> Body for Values<F> {
    #[inline(always)]
    fn run(x: &[f32], _: &[f32], y: &mut [f32]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y = F::value(*x);
        }
    }
}

/// The loop of [`multiply_slope`].
struct Slopes<F>(PhantomData<F>);

impl<F: Function> Body for Slopes<F> {
    #[inline(always)]
    fn run(x: &[f32], y: &[f32], gradient: &mut [f32]) {
        for ((gradient, x), y) in gradient.iter_mut().zip(x).zip(y) {
            *gradient *= F::slope(*x, *y);
        }
    }
}

/// Runs the loop on the values of the slices, compiled for the level's
/// instruction set.
#[inline(always)]
fn each<B: Body>(level: Level, a: &[Lane], b: &[Lane], c: &mut [Lane]) {
    let (a, b, c) = (flat(a), flat(b), flat_mut(c));
    #[cfg(target_arch = "x86_64")]
    {
        use super::simd::Instructions;

        #[target_feature(enable = "avx512f,avx512vl,avx2,fma")]
        fn avx512<B: Body>(a: &[f32], b: &[f32], c: &mut [f32]) {
            B::run(a, b, c);
        }

        #[target_feature(enable = "avx2,fma")]
        fn avx2<B: Body>(a: &[f32], b: &[f32], c: &mut [f32]) {
            B::run(a, b, c);
        }

        match level.0 {
            // SAFETY: a `Level` comes from `detect` or `available`, which ask
            // the processor.
            Instructions::Avx512 => return unsafe { avx512::<B>(a, b, c) },
            // SAFETY: as above.
            Instructions::Avx2 => return unsafe { avx2::<B>(a, b, c) },
            Instructions::Portable | Instructions::Neon => {}
        }
    }
    // NEON is what every aarch64 has.
    let _ = level;
    B::run(a, b, c);
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
