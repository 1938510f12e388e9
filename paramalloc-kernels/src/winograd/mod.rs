//! Winograd convolution: several outputs in a row and a column at once, with
//! fewer multiplications. A tile of `M x M` outputs reads `T x T` inputs, `T =
//! M + R - 1` for `R x R` taps. Tiles and weights are transformed to `T x T`
//! points, at which a convolution is a product of matrices: outputs by inputs
//! of the layer, times inputs by tiles. For 3x3 taps and tiles of 6x6 that is
//! 64 multiplications in place of 324.
//!
//! Like all kernels these work on groups of eight images side by side, so that
//! forward pass and input gradient need no other layout: a vector has a value
//! of eight images in two tiles. Only the gradient of the weights sums over
//! the images; it takes an input that is [`turn`]ed to have channels side by
//! side.
//!
//! A kernel larger than `R` is cut into parts whose products are added before
//! the one transform of the outputs. Each sum runs in one order, whatever the
//! instruction set, so those with a fused multiply-add give the same bits.

mod convolve;
mod gradient;
mod inputs;
mod lines;
mod products;
mod shape;
mod turn;
mod weights;

pub use convolve::{Convolution, Finish};
pub use gradient::WeightGradient;
pub use shape::{Tile, Winograd};
pub use turn::{turn, turned_len};
pub use weights::transform_weights;

/// Defines `$name::<sizes>(level, args)`, which runs the always-inlined body
/// `$body::<S, sizes>(args)` compiled for the level's instruction set. A
/// function for each size: in one they would take minutes to compile.
macro_rules! dispatch_sized {
    ($(#[$doc:meta])* unsafe fn $name:ident / $body:ident [$($size:ident),*] ($($arg:ident: $ty:ty),* $(,)?)) => {
        $(#[$doc])*
        ///
        /// # Safety
        /// As that of the body.
        unsafe fn $name<$(const $size: usize),*>(level: $crate::simd::Level, $($arg: $ty),*) {
            #[cfg(target_arch = "x86_64")]
            {
                use $crate::simd::{Instructions, x86::Avx};
                #[target_feature(enable = "avx512f,avx512vl,avx2,fma")]
                unsafe fn avx512<$(const $size: usize),*>($($arg: $ty),*) {
                    unsafe { $body::<Avx<32>, $($size),*>($($arg),*) }
                }
                #[target_feature(enable = "avx2,fma")]
                unsafe fn avx2<$(const $size: usize),*>($($arg: $ty),*) {
                    unsafe { $body::<Avx<16>, $($size),*>($($arg),*) }
                }
                match level.0 {
                    Instructions::Avx512 => return unsafe { avx512::<$($size),*>($($arg),*) },
                    Instructions::Avx2 => return unsafe { avx2::<$($size),*>($($arg),*) },
                    Instructions::Portable | Instructions::Neon => {}
                }
            }
            #[cfg(target_arch = "aarch64")]
            {
                use $crate::simd::{Instructions, neon::Neon};
                if level.0 == Instructions::Neon {
                    return unsafe { $body::<Neon, $($size),*>($($arg),*) };
                }
            }
            let _ = level;
            unsafe { $body::<$crate::simd::plain::Portable, $($size),*>($($arg),*) }
        }
    };
}
use dispatch_sized;

#[cfg(test)]
mod tests;
