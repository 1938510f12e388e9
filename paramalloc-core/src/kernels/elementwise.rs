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
    /// Writes up to eight examples, `[examples, len]`, side by side; missing
    /// ones become zeros.
    pub fn interleave / interleave_body(examples: &[f32], len: usize, out: &mut [Lane])
}

dispatch! {
    /// The way back from [`interleave`].
    pub fn deinterleave / deinterleave_body(x: &[Lane], examples: &mut [f32])
}

#[inline(always)]
fn scaled_body<S: Simd, const TILE: usize>(x: &[Lane], weight: f32, y: &mut [Lane]) {
    for (y, x) in y.iter_mut().zip(x) {
        for i in 0..LANES {
            y.0[i] = weight * x.0[i];
        }
    }
}

#[inline(always)]
fn add_scaled_body<S: Simd, const TILE: usize>(x: &[Lane], weight: f32, y: &mut [Lane]) {
    for (y, x) in y.iter_mut().zip(x) {
        for i in 0..LANES {
            y.0[i] += weight * x.0[i];
        }
    }
}

#[inline(always)]
fn relu_body<S: Simd, const TILE: usize>(x: &[Lane], y: &mut [Lane]) {
    for (y, x) in y.iter_mut().zip(x) {
        for i in 0..LANES {
            y.0[i] = if x.0[i] < 0.0 { 0.0 } else { x.0[i] };
        }
    }
}

#[inline(always)]
fn relu_gradient_body<S: Simd, const TILE: usize>(y: &[Lane], gradient: &mut [Lane]) {
    for (g, y) in gradient.iter_mut().zip(y) {
        for i in 0..LANES {
            g.0[i] = if y.0[i] > 0.0 { g.0[i] } else { 0.0 };
        }
    }
}

#[inline(always)]
fn masked_body<S: Simd, const TILE: usize>(x: &[Lane], mask: &[Lane], y: &mut [Lane]) {
    for ((y, x), mask) in y.iter_mut().zip(x).zip(mask) {
        for i in 0..LANES {
            y.0[i] = x.0[i] * mask.0[i];
        }
    }
}

#[inline(always)]
fn times_body<S: Simd, const TILE: usize>(x: &[Lane], y: &mut [Lane]) {
    for (y, x) in y.iter_mut().zip(x) {
        for i in 0..LANES {
            y.0[i] *= x.0[i];
        }
    }
}

#[inline(always)]
fn add_body<S: Simd, const TILE: usize>(x: &[Lane], y: &mut [Lane]) {
    for (y, x) in y.iter_mut().zip(x) {
        for i in 0..LANES {
            y.0[i] += x.0[i];
        }
    }
}

#[inline(always)]
fn dot_body<S: Simd, const TILE: usize>(x: &[Lane], y: &[Lane], out: &mut Lane) {
    let mut sum = Lane::ZERO;
    for (x, y) in x.iter().zip(y) {
        for i in 0..LANES {
            sum.0[i] += x.0[i] * y.0[i];
        }
    }
    *out = sum;
}

#[inline(always)]
fn interleave_body<S: Simd, const TILE: usize>(examples: &[f32], len: usize, out: &mut [Lane]) {
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
fn deinterleave_body<S: Simd, const TILE: usize>(x: &[Lane], examples: &mut [f32]) {
    for (l, example) in examples.chunks_exact_mut(x.len()).enumerate() {
        for (value, x) in example.iter_mut().zip(x) {
            *value = x.0[l];
        }
    }
}
