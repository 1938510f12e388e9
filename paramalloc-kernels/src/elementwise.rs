//! Weighted sums, ReLU, dropout, and the way between a row-major batch and
//! groups of eight images.

use super::simd::{LANES, Lane, Simd, dispatch};

dispatch! {
    /// `y = weight * x`.
    pub fn scaled / scaled_body(x: &[Lane], weight: f32, y: &mut [Lane])
}

dispatch! {
    /// `y += weight * x`.
    pub fn add_scaled / add_scaled_body(x: &[Lane], weight: f32, y: &mut [Lane])
}

dispatch! {
    /// `y = x`, or 0 where `x` is below 0. NaN stays NaN, so that the loss
    /// shows it.
    pub fn relu / relu_body(x: &[Lane], y: &mut [Lane])
}

dispatch! {
    /// Zeroes `gradient` where `y`, the output of a ReLU, is 0.
    pub fn relu_gradient / relu_gradient_body(y: &[Lane], gradient: &mut [Lane])
}

dispatch! {
    /// `y = x * mask`.
    pub fn masked / masked_body(x: &[Lane], mask: &[Lane], y: &mut [Lane])
}

dispatch! {
    /// `y *= x`.
    pub fn times / times_body(x: &[Lane], y: &mut [Lane])
}

dispatch! {
    /// `y += x`.
    pub fn add / add_body(x: &[Lane], y: &mut [Lane])
}

dispatch! {
    /// Sum over positions of `x * y`, one per image, to `out`.
    pub fn dot / dot_body(x: &[Lane], y: &[Lane], out: &mut Lane)
}

dispatch! {
    /// From the gradient of a weighted sum to that of one component, whose
    /// output is `y`: `out = weight * gradient`, zero where a last ReLU gave 0
    /// if `relu`, and the sum over positions of `y * gradient` to `dot`.
    pub fn component_gradient / component_gradient_body(
        y: &[Lane], gradient: &[Lane], weight: f32, relu: bool, out: &mut [Lane], dot: &mut Lane,
    )
}

dispatch! {
    /// Writes up to eight examples, `[examples, len]`, side by side; missing
    /// ones become zeros.
    pub fn interleave / interleave_body(examples: &[f32], len: usize, out: &mut [Lane])
}

dispatch! {
    /// The way back from [`interleave`].
    pub fn deinterleave / deinterleave_body(x: &[Lane], examples: &mut [f32])
}

/// `out = value` at all places, for a value made of what is there and in the
/// input. Written out with the instructions of `S`, because the compiler
/// turns loops over eight floats with a condition in them into shuffles.
macro_rules! each {
    ($S:ident, $out:ident, $x:ident, |$old:ident, $new:ident| $value:expr) => {
        for ($out, $x) in $out.iter_mut().zip($x) {
            // SAFETY: both are references, and the body runs where `S` exists.
            unsafe {
                let ($old, $new) = ($S::load($out), $S::load($x));
                $S::store($out, $value);
            }
        }
    };
}

#[inline(always)]
fn scaled_body<S: Simd>(x: &[Lane], weight: f32, y: &mut [Lane]) {
    each!(S, y, x, |_old, v| S::mul(S::splat(weight), v));
}

#[inline(always)]
fn add_scaled_body<S: Simd>(x: &[Lane], weight: f32, y: &mut [Lane]) {
    each!(S, y, x, |sum, v| S::fma(S::splat(weight), v, sum));
}

#[inline(always)]
fn relu_body<S: Simd>(x: &[Lane], y: &mut [Lane]) {
    each!(S, y, x, |_old, v| {
        // Not the other way round: NaN stays.
        S::where_greater(S::splat(0.0), v, S::splat(0.0), v)
    });
}

#[inline(always)]
fn relu_gradient_body<S: Simd>(y: &[Lane], gradient: &mut [Lane]) {
    each!(S, gradient, y, |g, v| {
        S::where_greater(v, S::splat(0.0), g, S::splat(0.0))
    });
}

#[inline(always)]
fn masked_body<S: Simd>(x: &[Lane], mask: &[Lane], y: &mut [Lane]) {
    y[..x.len()].copy_from_slice(x);
    each!(S, y, mask, |v, m| S::mul(v, m));
}

#[inline(always)]
fn times_body<S: Simd>(x: &[Lane], y: &mut [Lane]) {
    each!(S, y, x, |v, w| S::mul(v, w));
}

#[inline(always)]
fn add_body<S: Simd>(x: &[Lane], y: &mut [Lane]) {
    each!(S, y, x, |v, w| S::add(v, w));
}

/// Adds `$term` over the places below `$len` in four sums side by side, since
/// one sum would wait for each addition, and adds these in a fixed order.
macro_rules! sum_over {
    ($S:ident, $len:expr, |$i:ident, $sum:ident| $term:expr) => {{
        let mut sums = [$S::splat(0.0); 4];
        let whole = $len / 4 * 4;
        for first in (0..whole).step_by(4) {
            for (j, $sum) in sums.iter_mut().enumerate() {
                let $i = first + j;
                $term;
            }
        }
        for ($i, $sum) in (whole..$len).zip(&mut sums) {
            $term;
        }
        let [a, b, c, d] = sums;
        $S::add($S::add(a, b), $S::add(c, d))
    }};
}
pub(super) use sum_over;

#[inline(always)]
fn dot_body<S: Simd>(x: &[Lane], y: &[Lane], out: &mut Lane) {
    let len = x.len().min(y.len());
    // SAFETY: all places are below both lengths.
    unsafe {
        let sum = sum_over!(S, len, |i, sum| {
            let (x, y) = (S::load(x.as_ptr().add(i)), S::load(y.as_ptr().add(i)));
            *sum = S::fma(x, y, *sum)
        });
        S::store(out, sum);
    }
}

#[inline(always)]
fn component_gradient_body<S: Simd>(
    y: &[Lane],
    gradient: &[Lane],
    weight: f32,
    relu: bool,
    out: &mut [Lane],
    dot: &mut Lane,
) {
    let len = y.len().min(gradient.len()).min(out.len());
    // SAFETY: all places are below the three lengths.
    unsafe {
        let (zero, weight) = (S::splat(0.0), S::splat(weight));
        // No value is below it, so that without ReLU everything passes.
        let floor = S::splat(if relu { 0.0 } else { f32::NEG_INFINITY });
        let sum = sum_over!(S, len, |i, sum| {
            let y = S::load(y.as_ptr().add(i));
            let g = S::load(gradient.as_ptr().add(i));
            let value = S::where_greater(y, floor, S::mul(weight, g), zero);
            S::store(out.as_mut_ptr().add(i), value);
            *sum = S::fma(y, g, *sum)
        });
        S::store(dot, sum);
    }
}

#[inline(always)]
fn interleave_body<S: Simd>(examples: &[f32], len: usize, out: &mut [Lane]) {
    let count = examples.len() / len;
    if count < LANES {
        out[..len].fill(Lane::ZERO);
        for (l, example) in examples.chunks_exact(len).enumerate() {
            for (out, &value) in out.iter_mut().zip(example) {
                out.0[l] = value;
            }
        }
        return;
    }
    let rows: [&[f32]; LANES] = std::array::from_fn(|l| &examples[l * len..(l + 1) * len]);
    for (i, out) in out[..len].iter_mut().enumerate() {
        *out = Lane(std::array::from_fn(|l| rows[l][i]));
    }
}

#[inline(always)]
fn deinterleave_body<S: Simd>(x: &[Lane], examples: &mut [f32]) {
    for (l, example) in examples.chunks_exact_mut(x.len()).enumerate() {
        for (value, x) in example.iter_mut().zip(x) {
            *value = x.0[l];
        }
    }
}
