//! Functions of a single value that compilers turn into vector code: built-in
//! activations use them, and so may layers of a user's own.
//!
//! They are plain arithmetic in a fixed order, without branches, without the
//! system's mathematical library and without fused multiply-add, so a loop
//! over a slice vectorizes and gives the same bits on every system. NaN stays
//! NaN. Errors are in units in the last place (ulp) of the result, over the
//! whole range, against double precision.
//!
//! ```
//! use paramalloc_core::math;
//!
//! let mut values = [0.0_f32, 1.0, f32::INFINITY];
//! values.iter_mut().for_each(|x| *x = math::tanh(*x));
//! assert_eq!(values[0], 0.0);
//! assert_eq!(values[2], 1.0);
//! ```

use std::f32::consts::LOG2_E;

/// `ln 2`, of which the upper part has few digits: its product with an
/// exponent is exact.
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// Adding it rounds a number below `2^22` to a whole one, in the lowest bits.
const ROUNDER: f32 = 12_582_912.0;

/// `e^x`, 0 below -104 and infinity above 88.8; error at most 1.5 ulp where
/// the result is a normal number.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let (powers, rest) = exp_parts(x);
    (rest + 1.0) * powers.0 * powers.1
}

/// `e^x = a * b * (1 + rest)` for powers of two `a` and `b`.
#[inline(always)]
fn exp_parts(x: f32) -> ((f32, f32), f32) {
    // Not `clamp`, `min` or `max`: NaN stays.
    let x = if x > 89.0 { 89.0 } else { x };
    let x = if x < -104.0 { -104.0 } else { x };
    let rounded = x * LOG2_E + ROUNDER;
    let exponent = rounded.to_bits().wrapping_sub(ROUNDER.to_bits()) as i32;
    let whole = rounded - ROUNDER;
    let r = (x - whole * LN_2_HIGH) - whole * LN_2_LOW;
    // The exponential series without its 1; what is left out is below 6e-9 of
    // e^r, since |r| is at most 0.35.
    let series = 1.0 / 5040.0;
    let series = series * r + 1.0 / 720.0;
    let series = series * r + 1.0 / 120.0;
    let series = series * r + 1.0 / 24.0;
    let series = series * r + 1.0 / 6.0;
    let series = series * r + 0.5;
    let rest = series * r * r + r;
    // In two steps, because 2^exponent may not be a normal number.
    let half = exponent >> 1;
    ((power_of_2(half), power_of_2(exponent - half)), rest)
}

/// `2^n` for `n` from -126 to 127.
#[inline(always)]
fn power_of_2(n: i32) -> f32 {
    f32::from_bits(((n + 127) as u32) << 23)
}

/// Natural logarithm: NaN below 0, minus infinity at 0; error at most 2 ulp.
#[inline(always)]
pub fn ln(x: f32) -> f32 {
    // Subnormal numbers become normal ones.
    let is_small = x < f32::MIN_POSITIVE;
    let scaled = if is_small { x * 8_388_608.0 } else { x };
    let shift = if is_small { -23.0 } else { 0.0 };
    // x = 2^exponent * m with m from sqrt(1/2) to sqrt(2).
    let offset = scaled.to_bits().wrapping_sub(SQRT_HALF_BITS) as i32;
    let exponent = (offset >> 23) as f32 + shift;
    let m = f32::from_bits((offset as u32 & 0x7f_ffff).wrapping_add(SQRT_HALF_BITS));
    let f = m - 1.0;
    // ln m = 2 artanh s, and 2s = f - s f.
    let s = f / (2.0 + f);
    let tail = s * s * artanh_tail(s * s);
    let y = f - s * (f - 2.0 * tail);
    let y = exponent * LN_2_HIGH + (y + exponent * LN_2_LOW);
    let y = if x == f32::INFINITY { x } else { y };
    let y = if x == 0.0 { f32::NEG_INFINITY } else { y };
    if x < 0.0 || x.is_nan() { f32::NAN } else { y }
}

/// The bits of `sqrt(1/2)`.
const SQRT_HALF_BITS: u32 = 0x3f35_04f3;

/// `artanh(s) / s = 1 + q t(q)` for `q = s^2`: `t`, as far as its series is
/// needed up to `q = 0.03`.
#[inline(always)]
fn artanh_tail(q: f32) -> f32 {
    let series = 1.0 / 9.0;
    let series = series * q + 1.0 / 7.0;
    let series = series * q + 1.0 / 5.0;
    series * q + 1.0 / 3.0
}

/// `ln(1 + x)` for `x` from 0 to 1; error at most 2 ulp.
#[inline(always)]
fn ln_1p_up_to_1(x: f32) -> f32 {
    // 2 artanh s for s up to 1/3, as in `ln` with more of the series.
    let s = x / (2.0 + x);
    let q = s * s;
    let series = 1.0 / 17.0;
    let series = series * q + 1.0 / 15.0;
    let series = series * q + 1.0 / 13.0;
    let series = series * q + 1.0 / 11.0;
    let series = series * q + 1.0 / 9.0;
    let series = series * q + 1.0 / 7.0;
    let series = series * q + 1.0 / 5.0;
    let series = series * q + 1.0 / 3.0;
    let tail = q * series;
    x - s * (x - 2.0 * tail)
}

/// `ln(1 + e^x)`; error at most 3 ulp where the result is a normal number.
#[inline(always)]
pub fn softplus(x: f32) -> f32 {
    let positive = if x < 0.0 { 0.0 } else { x };
    positive + ln_1p_up_to_1(exp(-x.abs()))
}

/// `1 / (1 + e^-x)`; error at most 3 ulp where the result is a normal number.
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    let small = exp(-x.abs());
    let share = 1.0 / (1.0 + small);
    if x < 0.0 { small * share } else { share }
}

/// Hyperbolic tangent; error at most 3 ulp.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    // With d = 1 - e^(-2|x|): d / (2 - d), which loses nothing near 0.
    let ((a, b), rest) = exp_parts(-2.0 * x.abs());
    let power = a * b;
    let d = (1.0 - power) - power * rest;
    (d / (2.0 - d)).copysign(x)
}

/// Error function `2 / sqrt(pi) * integral from 0 to x of e^(-t^2)`; error at
/// most 4 ulp.
#[inline(always)]
pub fn erf(x: f32) -> f32 {
    let size = x.abs();
    let near = erf_up_to_1(size);
    // From 1 to 4, erf = 1 - e^-p(x). Coefficients of the polynomial p in
    // x - 5/2 that is closest to -ln(erfc(x)), weighted by erfc(x): the error
    // of erf is below 2e-9.
    let t = size - 2.5;
    let p = -1.855_866_2e-4;
    let p = p * t + 1.559_101e-4;
    let p = p * t - 2.458_032_8e-3;
    let p = p * t + 1.071_741_8e-2;
    let p = p * t + 9.438_851e-1;
    let p = p * t + 5.352_694;
    let p = p * t + 7.806_818;
    let far = 1.0 - exp(-p);
    let y = if size < 1.0 { near } else { far };
    let y = if size > 4.0 { 1.0 } else { y };
    y.copysign(x)
}

/// The series of the error function; what is left out is below 2e-9.
#[inline(always)]
fn erf_up_to_1(x: f32) -> f32 {
    // Coefficients (-1)^n / (n! (2n + 1)), from n = 10 down to 1.
    let q = x * x;
    let series = 1.0 / 76_204_800.0;
    let series = series * q - 1.0 / 6_894_720.0;
    let series = series * q + 1.0 / 685_440.0;
    let series = series * q - 1.0 / 75_600.0;
    let series = series * q + 1.0 / 9_360.0;
    let series = series * q - 1.0 / 1_320.0;
    let series = series * q + 1.0 / 216.0;
    let series = series * q - 1.0 / 42.0;
    let series = series * q + 1.0 / 10.0;
    let series = series * q - 1.0 / 3.0;
    let x = x * std::f32::consts::FRAC_2_SQRT_PI;
    x + x * q * series
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::erf_of_double;
