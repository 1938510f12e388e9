//! NEON, which every aarch64 has: 32 vector registers of four floats.

use std::arch::aarch64::*;

use super::{Lane, Simd};

/// Two registers for eight floats.
#[derive(Clone, Copy)]
pub struct Neon;

// SAFETY: the intrinsics need NEON, which is part of aarch64; a `Lane` is
// eight floats.
unsafe impl Simd for Neon {
    const CHANNELS: usize = 2;
    const WIDTH: usize = 6;
    const NARROW: usize = 3;
    type V = (float32x4_t, float32x4_t);

    #[inline(always)]
    unsafe fn load(p: *const Lane) -> Self::V {
        let p = p.cast::<f32>();
        unsafe { (vld1q_f32(p), vld1q_f32(p.add(4))) }
    }

    #[inline(always)]
    unsafe fn store(p: *mut Lane, v: Self::V) {
        let p = p.cast::<f32>();
        unsafe {
            vst1q_f32(p, v.0);
            vst1q_f32(p.add(4), v.1);
        }
    }

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self::V {
        let v = unsafe { vdupq_n_f32(x) };
        (v, v)
    }

    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        unsafe { (vaddq_f32(a.0, b.0), vaddq_f32(a.1, b.1)) }
    }

    #[inline(always)]
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V {
        unsafe { (vsubq_f32(a.0, b.0), vsubq_f32(a.1, b.1)) }
    }

    #[inline(always)]
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V {
        unsafe { (vmulq_f32(a.0, b.0), vmulq_f32(a.1, b.1)) }
    }

    #[inline(always)]
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V {
        // The instruction for it would prefer 0 to -0, unlike x86-64.
        unsafe { Self::where_greater(a, b, a, b) }
    }

    #[inline(always)]
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        unsafe { (vfmaq_f32(c.0, a.0, b.0), vfmaq_f32(c.1, a.1, b.1)) }
    }

    #[inline(always)]
    unsafe fn where_greater(a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V {
        unsafe {
            (
                vbslq_f32(vcgtq_f32(a.0, b.0), x.0, y.0),
                vbslq_f32(vcgtq_f32(a.1, b.1), x.1, y.1),
            )
        }
    }

    #[inline(always)]
    unsafe fn where_equal(a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V {
        unsafe {
            (
                vbslq_f32(vceqq_f32(a.0, b.0), x.0, y.0),
                vbslq_f32(vceqq_f32(a.1, b.1), x.1, y.1),
            )
        }
    }
}
