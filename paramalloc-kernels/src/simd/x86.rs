//! x86-64 with AVX2 or AVX-512.

use std::arch::x86_64::*;

use super::{LANES, Lane, Simd};

/// AVX2 and FMA with 16 vector registers, or 32 under AVX-512, which has the
/// same instructions.
#[derive(Clone, Copy)]
pub struct Avx<const REGISTERS: usize>;

// SAFETY: the intrinsics need AVX2 and FMA, which the trait's contract
// promises; `Lane` is 32 bytes and aligned to 32.
unsafe impl<const REGISTERS: usize> Simd for Avx<REGISTERS> {
    const CHANNELS: usize = if REGISTERS == 32 { 4 } else { 2 };
    const WIDTH: usize = 6;
    const NARROW: usize = if REGISTERS == 32 { 6 } else { 2 };
    type V = __m256;

    #[inline(always)]
    unsafe fn load(p: *const Lane) -> Self::V {
        unsafe { _mm256_load_ps(p.cast()) }
    }

    #[inline(always)]
    unsafe fn store(p: *mut Lane, v: Self::V) {
        unsafe { _mm256_store_ps(p.cast(), v) }
    }

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self::V {
        unsafe { _mm256_set1_ps(x) }
    }

    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        unsafe { _mm256_add_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V {
        unsafe { _mm256_sub_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V {
        unsafe { _mm256_mul_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V {
        unsafe { _mm256_max_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    unsafe fn where_greater(a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V {
        unsafe { _mm256_blendv_ps(y, x, _mm256_cmp_ps::<_CMP_GT_OQ>(a, b)) }
    }

    #[inline(always)]
    unsafe fn where_equal(a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V {
        unsafe { _mm256_blendv_ps(y, x, _mm256_cmp_ps::<_CMP_EQ_OQ>(a, b)) }
    }

    #[inline(always)]
    unsafe fn transpose(x: [Lane; LANES]) -> [Lane; LANES] {
        // Halves of rows four apart meet in a vector; what is left are
        // transposes of 4x4 in both of its halves.
        unsafe {
            let at = |row: usize, half: usize| x[row].0.as_ptr().add(4 * half);
            let mut out = [Lane::ZERO; LANES];
            for half in 0..2 {
                let mut r = [_mm256_setzero_ps(); 4];
                for (row, r) in r.iter_mut().enumerate() {
                    let low = _mm256_castps128_ps256(_mm_loadu_ps(at(row, half)));
                    *r = _mm256_insertf128_ps::<1>(low, _mm_loadu_ps(at(row + 4, half)));
                }
                let (a, b) = (
                    _mm256_unpacklo_ps(r[0], r[1]),
                    _mm256_unpackhi_ps(r[0], r[1]),
                );
                let (c, d) = (
                    _mm256_unpacklo_ps(r[2], r[3]),
                    _mm256_unpackhi_ps(r[2], r[3]),
                );
                let columns = [
                    _mm256_shuffle_ps::<0x44>(a, c),
                    _mm256_shuffle_ps::<0xee>(a, c),
                    _mm256_shuffle_ps::<0x44>(b, d),
                    _mm256_shuffle_ps::<0xee>(b, d),
                ];
                for (i, column) in columns.into_iter().enumerate() {
                    Self::store(&mut out[4 * half + i], column);
                }
            }
            out
        }
    }
}
