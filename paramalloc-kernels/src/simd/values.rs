//! What a register of a convolution's tile has: one value of eight images, or
//! two, where a vector has room for them.

use std::marker::PhantomData;

use super::{Lane, Pair};

/// One or two values of eight images. Where the two lie is up to the type, so
/// that a tile has the same code for all.
///
/// # Safety
/// As for [`Pair`]. `load`, `load_apart` and `store` have `COUNT` values that are
/// `step` lanes apart from `p` on; `store_last` writes the last of these, and
/// `repeat` reads one at `p`.
pub(crate) unsafe trait Values: Copy {
    /// How many.
    const COUNT: usize;
    /// The vector of them.
    type V: Copy;
    /// Where the type says that values are neighbors, `step` is 1.
    unsafe fn load(p: *const Lane, step: usize) -> Self::V;
    /// As `load`, for any `step`.
    unsafe fn load_apart(p: *const Lane, step: usize) -> Self::V;
    unsafe fn store(p: *mut Lane, step: usize, v: Self::V);
    /// Writes the last value only.
    unsafe fn store_last(p: *mut Lane, step: usize, v: Self::V);
    /// The same value in all places.
    unsafe fn repeat(p: *const Lane) -> Self::V;
    unsafe fn splat(x: f32) -> Self::V;
    /// `a * b + c`.
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V;
    /// `a` where it is larger, else `b`, which may be NaN.
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V;
}

/// One value.
#[derive(Clone, Copy)]
pub(crate) struct Single<S>(PhantomData<S>);

/// Columns, or channels, from which on two at once are worth it: with fewer,
/// the processor waits for its own sums.
const COUNT: usize = 4;

/// Whether so many columns, or channels, are taken two at once.
#[inline(always)]
pub(crate) fn are_double<S: Pair>(count: usize) -> bool {
    S::Next::COUNT == 2 && count >= COUNT
}

/// Where the values of each register begin in a row of `count`: the last ones
/// of an odd number begin with a value that the register before has, too. `count`
/// is at least [`Values::COUNT`].
#[inline(always)]
pub(crate) fn places<K: Values, const P: usize>(count: usize) -> [usize; P] {
    debug_assert!(count >= K::COUNT);
    std::array::from_fn(|p| match p + 1 < P {
        true => p * K::COUNT,
        false => count - K::COUNT,
    })
}

/// Two values, which `load` takes from neighboring places if `NEXT`.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
pub(crate) struct Double<S, const NEXT: bool>(PhantomData<S>);

// SAFETY: what `Simd` does.
unsafe impl<S: Pair> Values for Single<S> {
    const COUNT: usize = 1;
    type V = S::V;

    #[inline(always)]
    unsafe fn load(p: *const Lane, _: usize) -> S::V {
        unsafe { S::load(p) }
    }

    #[inline(always)]
    unsafe fn load_apart(p: *const Lane, _: usize) -> S::V {
        unsafe { S::load(p) }
    }

    #[inline(always)]
    unsafe fn store(p: *mut Lane, _: usize, v: S::V) {
        unsafe { S::store(p, v) }
    }

    #[inline(always)]
    unsafe fn store_last(p: *mut Lane, _: usize, v: S::V) {
        unsafe { S::store(p, v) }
    }

    #[inline(always)]
    unsafe fn repeat(p: *const Lane) -> S::V {
        unsafe { S::load(p) }
    }

    #[inline(always)]
    unsafe fn splat(x: f32) -> S::V {
        unsafe { S::splat(x) }
    }

    #[inline(always)]
    unsafe fn fma(a: S::V, b: S::V, c: S::V) -> S::V {
        unsafe { S::fma(a, b, c) }
    }

    #[inline(always)]
    unsafe fn add(a: S::V, b: S::V) -> S::V {
        unsafe { S::add(a, b) }
    }

    #[inline(always)]
    unsafe fn max(a: S::V, b: S::V) -> S::V {
        unsafe { S::max(a, b) }
    }
}

// SAFETY: what `Pair` does.
#[cfg(target_arch = "x86_64")]
unsafe impl<S: Pair, const NEXT: bool> Values for Double<S, NEXT> {
    const COUNT: usize = 2;
    type V = S::P;

    #[inline(always)]
    unsafe fn load(p: *const Lane, step: usize) -> S::P {
        unsafe {
            match NEXT {
                true => S::load_floats(p.cast()),
                false => Self::load_apart(p, step),
            }
        }
    }

    #[inline(always)]
    unsafe fn load_apart(p: *const Lane, step: usize) -> S::P {
        unsafe { S::load_pair(p, p.add(step)) }
    }

    #[inline(always)]
    unsafe fn store(p: *mut Lane, step: usize, v: S::P) {
        unsafe { S::store_pair(p, p.add(step), v) }
    }

    #[inline(always)]
    unsafe fn store_last(p: *mut Lane, step: usize, v: S::P) {
        let mut nowhere = Lane::ZERO;
        unsafe { S::store_pair(&raw mut nowhere, p.add(step), v) }
    }

    #[inline(always)]
    unsafe fn repeat(p: *const Lane) -> S::P {
        unsafe { S::load_twice(p) }
    }

    #[inline(always)]
    unsafe fn splat(x: f32) -> S::P {
        unsafe { S::splat_pair(x) }
    }

    #[inline(always)]
    unsafe fn fma(a: S::P, b: S::P, c: S::P) -> S::P {
        unsafe { S::fma_pair(a, b, c) }
    }

    #[inline(always)]
    unsafe fn add(a: S::P, b: S::P) -> S::P {
        unsafe { S::add_pair(a, b) }
    }

    #[inline(always)]
    unsafe fn max(a: S::P, b: S::P) -> S::P {
        unsafe { S::max_pair(a, b) }
    }
}
