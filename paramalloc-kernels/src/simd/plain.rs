//! Plain Rust, for a processor that the other files do not know.

use super::{LANES, Lane, Simd};

/// Plain Rust.
#[derive(Clone, Copy)]
pub struct Portable;

// SAFETY: no special instructions; the pointers are the caller's promise.
unsafe impl Simd for Portable {
    const CHANNELS: usize = 2;
    const WIDTH: usize = 3;
    const NARROW: usize = 0;
    type V = Lane;

    #[inline(always)]
    unsafe fn load(p: *const Lane) -> Lane {
        // SAFETY: valid by the trait's contract.
        unsafe { *p }
    }

    #[inline(always)]
    unsafe fn store(p: *mut Lane, v: Lane) {
        // SAFETY: valid by the trait's contract.
        unsafe { *p = v }
    }

    #[inline(always)]
    unsafe fn splat(x: f32) -> Lane {
        Lane([x; LANES])
    }

    #[inline(always)]
    unsafe fn add(a: Lane, b: Lane) -> Lane {
        Lane(std::array::from_fn(|i| a.0[i] + b.0[i]))
    }

    #[inline(always)]
    unsafe fn sub(a: Lane, b: Lane) -> Lane {
        Lane(std::array::from_fn(|i| a.0[i] - b.0[i]))
    }

    #[inline(always)]
    unsafe fn mul(a: Lane, b: Lane) -> Lane {
        Lane(std::array::from_fn(|i| a.0[i] * b.0[i]))
    }

    #[inline(always)]
    unsafe fn max(a: Lane, b: Lane) -> Lane {
        Lane(std::array::from_fn(|i| {
            if a.0[i] > b.0[i] { a.0[i] } else { b.0[i] }
        }))
    }

    #[inline(always)]
    unsafe fn fma(a: Lane, b: Lane, c: Lane) -> Lane {
        // Not `mul_add`: without the instruction that is a library call.
        Lane(std::array::from_fn(|i| a.0[i] * b.0[i] + c.0[i]))
    }

    #[inline(always)]
    unsafe fn where_greater(a: Lane, b: Lane, x: Lane, y: Lane) -> Lane {
        Lane(std::array::from_fn(|i| {
            if a.0[i] > b.0[i] { x.0[i] } else { y.0[i] }
        }))
    }

    #[inline(always)]
    unsafe fn where_equal(a: Lane, b: Lane, x: Lane, y: Lane) -> Lane {
        Lane(std::array::from_fn(|i| {
            if a.0[i] == b.0[i] { x.0[i] } else { y.0[i] }
        }))
    }
}
