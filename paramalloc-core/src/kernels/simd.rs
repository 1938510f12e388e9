//! Eight images side by side. Every kernel works on [`Lane`]s: the same value
//! of eight images. So any shape vectorises fully, however few channels or
//! columns it has, and an inactive component costs nothing.
//!
//! The instruction set is chosen at run time: a plain x86-64 build is as fast
//! as one for the machine it runs on, and any other processor runs the
//! portable code.

/// Images in one group.
pub const LANES: usize = 8;

/// The same value of the eight images of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C, align(32))]
pub struct Lane(pub [f32; LANES]);

impl Lane {
    /// Zero for all images.
    pub const ZERO: Lane = Lane([0.0; LANES]);

    /// Sum over the images, in a fixed order.
    pub fn sum(self) -> f32 {
        let [a, b, c, d, e, f, g, h] = self.0;
        ((a + e) + (c + g)) + ((b + f) + (d + h))
    }
}

/// An instruction set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// What every processor of the architecture has.
    Portable,
    /// x86-64 with AVX2 and FMA: 16 vector registers.
    Avx2,
    /// x86-64 with AVX-512 (F, VL): 32 vector registers.
    Avx512,
}

impl Level {
    /// The best one of this machine.
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            let avx512 =
                is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl");
            if avx2 && avx512 {
                return Level::Avx512;
            }
            if avx2 {
                return Level::Avx2;
            }
        }
        Level::Portable
    }

    /// All that this machine has, for tests.
    pub fn available() -> &'static [Level] {
        match Self::detect() {
            Level::Portable => &[Level::Portable],
            Level::Avx2 => &[Level::Portable, Level::Avx2],
            Level::Avx512 => &[Level::Portable, Level::Avx2, Level::Avx512],
        }
    }
}

/// One instruction set's operations on eight floats.
///
/// # Safety
/// The methods must run on a processor that has the instruction set, and the
/// pointers of `load` and `store` must be valid for one [`Lane`].
pub(super) unsafe trait Simd: Copy {
    /// Channels that a register tile has at most.
    const CHANNELS: usize;
    /// Columns (or taps) that a register tile has at most.
    const WIDTH: usize;
    /// Eight floats.
    type V: Copy;
    unsafe fn load(p: *const Lane) -> Self::V;
    unsafe fn store(p: *mut Lane, v: Self::V);
    unsafe fn splat(x: f32) -> Self::V;
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V;
    /// `a` where it is larger, else `b`, which may be NaN.
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V;
    /// `a * b + c`.
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// `x` where `a > b`, else `y`.
    unsafe fn where_greater(a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V;
    /// `x` where `a == b`, else `y`.
    unsafe fn where_equal(a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V;
}

/// Plain Rust.
#[derive(Clone, Copy)]
pub(super) struct Portable;

// SAFETY: no special instructions; the pointers are the caller's promise.
unsafe impl Simd for Portable {
    const CHANNELS: usize = 2;
    const WIDTH: usize = 3;
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

/// AVX2 and FMA with 16 vector registers, or 32 under AVX-512, which has the
/// same instructions.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
pub(super) struct Avx<const REGISTERS: usize>;

#[cfg(target_arch = "x86_64")]
// SAFETY: the intrinsics need AVX2 and FMA, which the trait's contract
// promises; `Lane` is 32 bytes and aligned to 32.
unsafe impl<const REGISTERS: usize> Simd for Avx<REGISTERS> {
    const CHANNELS: usize = if REGISTERS == 32 { 4 } else { 2 };
    const WIDTH: usize = 6;
    type V = std::arch::x86_64::__m256;

    #[inline(always)]
    unsafe fn load(p: *const Lane) -> Self::V {
        unsafe { std::arch::x86_64::_mm256_load_ps(p.cast()) }
    }

    #[inline(always)]
    unsafe fn store(p: *mut Lane, v: Self::V) {
        unsafe { std::arch::x86_64::_mm256_store_ps(p.cast(), v) }
    }

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self::V {
        unsafe { std::arch::x86_64::_mm256_set1_ps(x) }
    }

    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        unsafe { std::arch::x86_64::_mm256_add_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V {
        unsafe { std::arch::x86_64::_mm256_sub_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V {
        unsafe { std::arch::x86_64::_mm256_mul_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V {
        unsafe { std::arch::x86_64::_mm256_max_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        unsafe { std::arch::x86_64::_mm256_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    unsafe fn where_greater(a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V {
        use std::arch::x86_64::{_CMP_GT_OQ, _mm256_blendv_ps, _mm256_cmp_ps};
        unsafe { _mm256_blendv_ps(y, x, _mm256_cmp_ps::<_CMP_GT_OQ>(a, b)) }
    }

    #[inline(always)]
    unsafe fn where_equal(a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V {
        use std::arch::x86_64::{_CMP_EQ_OQ, _mm256_blendv_ps, _mm256_cmp_ps};
        unsafe { _mm256_blendv_ps(y, x, _mm256_cmp_ps::<_CMP_EQ_OQ>(a, b)) }
    }
}

/// Defines `$name(level, args)`, which runs the always-inlined body
/// `$body::<S>(args)` compiled for the level's instruction set.
macro_rules! dispatch {
    ($(#[$doc:meta])* $vis:vis fn $name:ident / $body:ident ($($arg:ident: $ty:ty),* $(,)?)) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments)]
        $vis fn $name(level: $crate::kernels::simd::Level, $($arg: $ty),*) {
            use $crate::kernels::simd::{Level, Portable};
            #[cfg(target_arch = "x86_64")]
            {
                use $crate::kernels::simd::Avx;
                #[allow(clippy::too_many_arguments)]
                #[target_feature(enable = "avx512f,avx512vl,avx2,fma")]
                fn avx512($($arg: $ty),*) {
                    $body::<Avx<32>>($($arg),*)
                }
                #[allow(clippy::too_many_arguments)]
                #[target_feature(enable = "avx2,fma")]
                fn avx2($($arg: $ty),*) {
                    $body::<Avx<16>>($($arg),*)
                }
                match level {
                    // SAFETY: a level above portable comes from `Level::detect`
                    // or `available`, which ask the processor.
                    Level::Avx512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: as above.
                    Level::Avx2 => return unsafe { avx2($($arg),*) },
                    Level::Portable => {}
                }
            }
            let _ = level;
            $body::<Portable>($($arg),*)
        }
    };
}
pub(super) use dispatch;

/// `$call.run::<$S, C, W>($args)` with the sizes of a register tile, 1 to 4
/// channels of 1 to 6 columns or taps, as constants.
macro_rules! run_tile {
    ($call:expr, $S:ident, $sizes:expr, $args:tt) => {
        $crate::kernels::simd::run_tile!(
            $call, $S, $sizes, $args,
            4 1, 4 2, 4 3, 4 4, 4 5, 4 6, 3 1, 3 2, 3 3, 3 4, 3 5, 3 6,
            2 1, 2 2, 2 3, 2 4, 2 5, 2 6, 1 1, 1 2, 1 3, 1 4, 1 5, 1 6
        )
    };
    ($call:expr, $S:ident, $sizes:expr, $args:tt, $($c:literal $w:literal),*) => {
        match $sizes {
            $(($c, $w) if $c <= $S::CHANNELS && $w <= $S::WIDTH => $call.run::<$S, $c, $w> $args,)*
            (c, w) => unreachable!("a tile of {c} x {w}"),
        }
    };
}
pub(super) use run_tile;
