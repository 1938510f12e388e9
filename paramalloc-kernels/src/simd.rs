//! Eight images side by side. Every kernel works on [`Lane`]s: the same value
//! of eight images. So any shape vectorises fully, however few channels or
//! columns it has, and an inactive component costs nothing.
//!
//! The instruction set is chosen at run time: a plain x86-64 build is as fast
//! as one for the machine it runs on. aarch64 has NEON, any other processor
//! the portable code.
//!
//! A register tile holds sums of some channels by some columns. Its sums, one
//! weight of each channel and one value have to fit in the registers: 4 x 6
//! with 32, 2 x 6 with 16 (4 x 3 would need all 16, and the compiler then
//! spills some in the inner loop). A register has eight floats, under AVX-512
//! sixteen: the values of two columns, or of two channels, where there are
//! enough of them (`Values`). Each sum stays as it was, so the bits do.

use std::fmt;

#[cfg(target_arch = "aarch64")]
pub(super) mod neon;
pub(super) mod pair;
pub(super) mod plain;
mod values;
#[cfg(target_arch = "x86_64")]
pub(super) mod x86;

pub(crate) use pair::Pair;
#[cfg(target_arch = "x86_64")]
pub(crate) use values::Double;
pub(crate) use values::{Single, Values, are_double, places};

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

/// An instruction set that this machine has: there is no way to make one but
/// [`Level::detect`] and [`Level::available`], so safe code cannot ask for
/// instructions that the processor lacks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Level(pub(super) Instructions);

/// An instruction set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "a processor has those of its architecture only")]
pub(super) enum Instructions {
    /// Plain Rust, compiled for what every processor of the architecture has.
    Portable,
    /// x86-64 with AVX2 and FMA: 16 vector registers.
    Avx2,
    /// x86-64 with AVX-512 (F, VL): 32 vector registers.
    Avx512,
    /// Every aarch64: 32 vector registers of four floats.
    Neon,
}

/// Its name: `Portable`, `Avx2`, `Avx512` or `Neon`.
impl fmt::Debug for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Level {
    /// The best one of this machine.
    pub fn detect() -> Self {
        Self::available()[Self::available().len() - 1]
    }

    /// All that this machine has, the best one last.
    #[cfg(target_arch = "x86_64")]
    pub fn available() -> &'static [Level] {
        const ALL: [Level; 3] = [
            Level(Instructions::Portable),
            Level(Instructions::Avx2),
            Level(Instructions::Avx512),
        ];
        let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        let avx512 = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl");
        match (avx2, avx512) {
            (true, true) => &ALL,
            (true, false) => &ALL[..2],
            (false, _) => &ALL[..1],
        }
    }

    /// All that this machine has, the best one last.
    #[cfg(target_arch = "aarch64")]
    pub fn available() -> &'static [Level] {
        &[Level(Instructions::Portable), Level(Instructions::Neon)]
    }

    /// All that this machine has, the best one last.
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    pub fn available() -> &'static [Level] {
        &[Level(Instructions::Portable)]
    }
}

/// One instruction set's operations on eight floats.
///
/// # Safety
/// The methods must run on a processor that has the instruction set, and the
/// pointers of `load` and `store` must be valid for one [`Lane`].
pub(super) unsafe trait Simd: Copy {
    /// Channels that a register tile has.
    const CHANNELS: usize;
    /// Columns (or taps) that a register tile has at most.
    const WIDTH: usize;
    /// Columns up to which a tile may have four channels.
    const NARROW: usize;
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

    /// Eight values of eight images, image by image.
    #[inline(always)]
    unsafe fn transpose(x: [Lane; LANES]) -> [Lane; LANES] {
        std::array::from_fn(|i| Lane(std::array::from_fn(|j| x[j].0[i])))
    }
}

/// A sum in registers, which a loop asks for in tiles of several sizes.
pub(super) trait Tile {
    /// Where the tile is.
    type Place;

    /// A tile of `A` x `B` registers.
    ///
    /// # Safety
    /// The tile lies inside what the call reads and writes.
    unsafe fn run<K: Values, const A: usize, const B: usize>(&self, place: Self::Place);
}

/// Channels of register tiles of `columns` columns (or taps).
#[inline(always)]
pub(super) const fn channels<S: Simd>(columns: usize) -> usize {
    if S::NARROW > 0 && columns <= S::NARROW {
        4
    } else {
        S::CHANNELS
    }
}

/// Whether `channels` x `columns` is a size that [`channels`] leads to.
pub(super) const fn fits<S: Simd>(channels: usize, columns: usize) -> bool {
    columns <= S::WIDTH && channels <= self::channels::<S>(columns)
}

/// Defines `$name(level, args)`, which runs the always-inlined body
/// `$body::<S>(args)` compiled for the level's instruction set.
macro_rules! dispatch {
    ($(#[$doc:meta])* $vis:vis fn $name:ident / $body:ident ($($arg:ident: $ty:ty),* $(,)?)) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments)]
        $vis fn $name(level: $crate::simd::Level, $($arg: $ty),*) {
            #[cfg(target_arch = "x86_64")]
            {
                use $crate::simd::{Instructions, x86::Avx};
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
                match level.0 {
                    // SAFETY: a `Level` comes from `detect` or `available`,
                    // which ask the processor.
                    Instructions::Avx512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: as above.
                    Instructions::Avx2 => return unsafe { avx2($($arg),*) },
                    Instructions::Portable | Instructions::Neon => {}
                }
            }
            #[cfg(target_arch = "aarch64")]
            {
                use $crate::simd::{Instructions, neon::Neon};
                if level.0 == Instructions::Neon {
                    return $body::<Neon>($($arg),*);
                }
            }
            let _ = level;
            $body::<$crate::simd::plain::Portable>($($arg),*)
        }
    };
}
pub(super) use dispatch;

/// `$call.run::<$K, C, W>($place)` of a [`Tile`] with the sizes of a register tile, 1
/// to 4 channels of 1 to 6 columns or taps, as constants; one of the two is counted in
/// [`Values`] `$K`.
macro_rules! run_tile {
    ($call:expr, $S:ident, $K:ident, $sizes:expr, $place:expr) => {
        $crate::simd::run_tile!(
            $call, $S, $K, $sizes, $place,
            4 1, 4 2, 4 3, 4 4, 4 5, 4 6, 3 1, 3 2, 3 3, 3 4, 3 5, 3 6,
            2 1, 2 2, 2 3, 2 4, 2 5, 2 6, 1 1, 1 2, 1 3, 1 4, 1 5, 1 6
        )
    };
    ($call:expr, $S:ident, $K:ident, $sizes:expr, $place:expr, $($c:literal $w:literal),*) => {
        match $sizes {
            // No code is made for sizes that the instruction set has no registers for.
            $(($c, $w) if const { $crate::simd::fits::<$S>($c, $w) } => {
                $S::tile::<_, $K, $c, $w>($call, $place)
            })*
            (c, w) => unreachable!("a tile of {c} x {w}"),
        }
    };
}
pub(super) use run_tile;
