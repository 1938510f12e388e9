//! Sixteen floats: the register tiles of products of matrices.

use super::plain::Portable;
use super::{LANES, Lane, Simd, Single, Tile, Values};

/// One instruction set's operations on sixteen floats: two groups of images,
/// or sixteen values of one image.
///
/// # Safety
/// As for [`Simd`]; pointers must be valid for eight floats each, or sixteen
/// where there is one.
pub(crate) unsafe trait Pair: Simd {
    /// Rows of a register tile of pairs; a tile of single groups has twice as
    /// many.
    const ROWS: usize;
    /// Rows of a register tile that has two pairs of a row where there are at
    /// least twelve, else one.
    const TALL: usize;
    /// Two neighboring values of eight images where sixteen floats are one
    /// vector, else one value.
    type Next: Values;
    /// The same of values that lie apart.
    type Apart: Values;
    /// Sixteen floats.
    type P: Copy;
    unsafe fn load_pair(a: *const Lane, b: *const Lane) -> Self::P;
    unsafe fn store_pair(a: *mut Lane, b: *mut Lane, v: Self::P);
    /// From any address.
    unsafe fn load_floats(p: *const f32) -> Self::P;
    /// To any address.
    unsafe fn store_floats(p: *mut f32, v: Self::P);
    unsafe fn splat_pair(x: f32) -> Self::P;
    /// Eight floats twice.
    #[cfg(target_arch = "x86_64")]
    unsafe fn load_twice(p: *const Lane) -> Self::P;
    /// `a * b + c`.
    unsafe fn fma_pair(a: Self::P, b: Self::P, c: Self::P) -> Self::P;
    unsafe fn add_pair(a: Self::P, b: Self::P) -> Self::P;
    unsafe fn sub_pair(a: Self::P, b: Self::P) -> Self::P;
    unsafe fn mul_pair(a: Self::P, b: Self::P) -> Self::P;
    /// `a` where it is larger, else `b`, which may be NaN.
    unsafe fn max_pair(a: Self::P, b: Self::P) -> Self::P;
    /// [`Tile::run`], compiled for the instruction set as a function of its own: a
    /// loop with all sizes in it takes the compiler several times as long.
    unsafe fn tile<T: Tile, K: Values, const A: usize, const B: usize>(call: &T, place: T::Place);
}

/// [`Pair`] as two vectors of [`Simd`].
macro_rules! pair_of_two {
    (
        $(#[$features:meta])? $S:ty, $rows:literal,
        |$q:ident| $load:expr, |$p:ident, $v:ident| $store:expr
    ) => {
        // SAFETY: what `Simd` does, twice.
        unsafe impl Pair for $S {
            const ROWS: usize = $rows;
            const TALL: usize = $rows;
            type Next = Single<Self>;
            type Apart = Single<Self>;
            type P = [<Self as Simd>::V; 2];

            #[inline(always)]
            unsafe fn load_pair(a: *const Lane, b: *const Lane) -> Self::P {
                unsafe { [Self::load(a), Self::load(b)] }
            }

            #[inline(always)]
            unsafe fn store_pair(a: *mut Lane, b: *mut Lane, v: Self::P) {
                unsafe {
                    Self::store(a, v[0]);
                    Self::store(b, v[1]);
                }
            }

            #[inline(always)]
            unsafe fn load_floats(p: *const f32) -> Self::P {
                unsafe {
                    let $q = p;
                    let first = $load;
                    let $q = p.add(LANES);
                    [first, $load]
                }
            }

            #[inline(always)]
            unsafe fn store_floats(p: *mut f32, v: Self::P) {
                for (i, $v) in v.into_iter().enumerate() {
                    unsafe {
                        let $p = p.add(i * LANES);
                        $store
                    }
                }
            }

            #[inline(always)]
            unsafe fn splat_pair(x: f32) -> Self::P {
                unsafe { [Self::splat(x); 2] }
            }

            #[cfg(target_arch = "x86_64")]
            #[inline(always)]
            unsafe fn load_twice(p: *const Lane) -> Self::P {
                unsafe { [Self::load(p); 2] }
            }

            #[inline(always)]
            unsafe fn fma_pair(a: Self::P, b: Self::P, c: Self::P) -> Self::P {
                unsafe { [Self::fma(a[0], b[0], c[0]), Self::fma(a[1], b[1], c[1])] }
            }

            #[inline(always)]
            unsafe fn add_pair(a: Self::P, b: Self::P) -> Self::P {
                unsafe { [Self::add(a[0], b[0]), Self::add(a[1], b[1])] }
            }

            #[inline(always)]
            unsafe fn sub_pair(a: Self::P, b: Self::P) -> Self::P {
                unsafe { [Self::sub(a[0], b[0]), Self::sub(a[1], b[1])] }
            }

            #[inline(always)]
            unsafe fn mul_pair(a: Self::P, b: Self::P) -> Self::P {
                unsafe { [Self::mul(a[0], b[0]), Self::mul(a[1], b[1])] }
            }

            #[inline(always)]
            unsafe fn max_pair(a: Self::P, b: Self::P) -> Self::P {
                unsafe { [Self::max(a[0], b[0]), Self::max(a[1], b[1])] }
            }

            $(#[$features])?
            #[inline(never)]
            unsafe fn tile<T: Tile, K: Values, const A: usize, const B: usize>(
                call: &T,
                place: T::Place,
            ) {
                unsafe { call.run::<K, A, B>(place) }
            }
        }
    };
}

pair_of_two!(
    Portable,
    2,
    |p| p.cast::<Lane>().read_unaligned(),
    |p, v| p.cast::<Lane>().write_unaligned(v)
);

#[cfg(target_arch = "aarch64")]
mod neon {
    use std::arch::aarch64::{vld1q_f32, vst1q_f32};

    use super::{LANES, Lane, Pair, Simd, Single, Tile, Values};
    use crate::simd::neon::Neon;

    pair_of_two!(Neon, 6, |p| (vld1q_f32(p), vld1q_f32(p.add(4))), |p, v| {
        vst1q_f32(p, v.0);
        vst1q_f32(p.add(4), v.1);
    });
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{LANES, Lane, Pair, Simd, Single, Tile, Values};
    use crate::simd::Double;
    use crate::simd::x86::Avx;

    /// A vector at any address. In builds with debug assertions the intrinsics
    /// that load and store one are calls, which would be in the inner loop.
    #[derive(Clone, Copy)]
    #[repr(C, packed)]
    struct Anywhere<V>(V);

    pair_of_two!(
        #[target_feature(enable = "avx2,fma")]
        Avx<16>,
        6,
        |p| (*p.cast::<Anywhere<__m256>>()).0,
        |p, v| (*p.cast::<Anywhere<__m256>>()).0 = v
    );

    // SAFETY: `Avx<32>` stands for a processor with AVX-512 (F, VL).
    unsafe impl Pair for Avx<32> {
        const ROWS: usize = 14;
        const TALL: usize = 12;
        type Next = Double<Self, true>;
        type Apart = Double<Self, false>;
        type P = __m512;

        #[inline(always)]
        unsafe fn load_pair(a: *const Lane, b: *const Lane) -> __m512 {
            unsafe {
                let low = _mm512_castpd256_pd512(_mm256_castps_pd(Self::load(a)));
                let high = _mm256_castps_pd(Self::load(b));
                _mm512_castpd_ps(_mm512_insertf64x4::<1>(low, high))
            }
        }

        #[inline(always)]
        unsafe fn store_pair(a: *mut Lane, b: *mut Lane, v: __m512) {
            unsafe {
                let high = _mm512_extractf64x4_pd::<1>(_mm512_castps_pd(v));
                Self::store(a, _mm512_castps512_ps256(v));
                Self::store(b, _mm256_castpd_ps(high));
            }
        }

        #[inline(always)]
        unsafe fn load_floats(p: *const f32) -> __m512 {
            unsafe { (*p.cast::<Anywhere<__m512>>()).0 }
        }

        #[inline(always)]
        unsafe fn store_floats(p: *mut f32, v: __m512) {
            unsafe { (*p.cast::<Anywhere<__m512>>()).0 = v }
        }

        #[inline(always)]
        unsafe fn splat_pair(x: f32) -> __m512 {
            unsafe { _mm512_set1_ps(x) }
        }

        #[inline(always)]
        unsafe fn load_twice(p: *const Lane) -> __m512 {
            unsafe {
                let eight = _mm256_castps_pd(Self::load(p));
                _mm512_castpd_ps(_mm512_broadcast_f64x4(eight))
            }
        }

        #[inline(always)]
        unsafe fn fma_pair(a: __m512, b: __m512, c: __m512) -> __m512 {
            unsafe { _mm512_fmadd_ps(a, b, c) }
        }

        #[inline(always)]
        unsafe fn add_pair(a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_add_ps(a, b) }
        }

        #[inline(always)]
        unsafe fn sub_pair(a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_sub_ps(a, b) }
        }

        #[inline(always)]
        unsafe fn mul_pair(a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_mul_ps(a, b) }
        }

        #[inline(always)]
        unsafe fn max_pair(a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_max_ps(a, b) }
        }

        #[target_feature(enable = "avx512f,avx512vl,avx2,fma")]
        #[inline(never)]
        unsafe fn tile<T: Tile, K: Values, const A: usize, const B: usize>(
            call: &T,
            place: T::Place,
        ) {
            unsafe { call.run::<K, A, B>(place) }
        }
    }
}
