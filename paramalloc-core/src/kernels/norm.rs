//! Group normalisation with scale, shift and optional ReLU.

use super::simd::{LANES, Lane, Simd, dispatch};

/// Added to the variance.
pub const EPSILON: f32 = 1e-6;

dispatch! {
    /// `y = gamma * (x - mean) / sqrt(variance + 1e-6) + beta`, then ReLU if
    /// `relu`. `x` and `y` are `[channels, plane]`; `moments` keeps mean and
    /// reciprocal deviation of each group.
    pub fn forward / forward_body(
        groups: usize, plane: usize, x: &[Lane], gamma: &[f32], beta: &[f32],
        relu: bool, y: &mut [Lane], moments: &mut [Lane],
    )
}

dispatch! {
    /// Turns `gradient`, that of the output before the ReLU, into that of the
    /// input in place, and adds the gradients of gamma and beta.
    pub fn backward / backward_body(
        groups: usize, plane: usize, x: &[Lane], moments: &[Lane], gamma: &[f32],
        gradient: &mut [Lane], gamma_gradient: &mut [f32], beta_gradient: &mut [f32],
    )
}

#[inline(always)]
fn forward_body<S: Simd, const TILE: usize>(
    groups: usize,
    plane: usize,
    x: &[Lane],
    gamma: &[f32],
    beta: &[f32],
    relu: bool,
    y: &mut [Lane],
    moments: &mut [Lane],
) {
    let channels = gamma.len() / groups;
    let len = channels * plane;
    for group in 0..groups {
        let x = &x[group * len..(group + 1) * len];
        let (mean, scale) = group_moments(x);
        moments[2 * group] = mean;
        moments[2 * group + 1] = scale;
        for (c, x) in x.chunks_exact(plane).enumerate() {
            let channel = group * channels + c;
            let (gamma, beta) = (gamma[channel], beta[channel]);
            let floor = if relu { 0.0 } else { f32::NEG_INFINITY };
            let a: [f32; LANES] = std::array::from_fn(|i| gamma * scale.0[i]);
            let y = &mut y[channel * plane..(channel + 1) * plane];
            for (y, x) in y.iter_mut().zip(x) {
                for i in 0..LANES {
                    let value = (x.0[i] - mean.0[i]) * a[i] + beta;
                    y.0[i] = if floor > value { floor } else { value };
                }
            }
        }
    }
}

/// Mean and `1 / sqrt(variance + epsilon)` of each image's values. Two passes,
/// because the difference of two large sums would lose the variance.
#[inline(always)]
fn group_moments(x: &[Lane]) -> (Lane, Lane) {
    let n = 1.0 / x.len() as f32;
    let mut sum = Lane::ZERO;
    for value in x {
        for i in 0..LANES {
            sum.0[i] += value.0[i];
        }
    }
    let mean = Lane(sum.0.map(|s| s * n));
    let mut squares = Lane::ZERO;
    for value in x {
        for i in 0..LANES {
            let d = value.0[i] - mean.0[i];
            squares.0[i] += d * d;
        }
    }
    (
        mean,
        Lane(squares.0.map(|s| 1.0 / (s * n + EPSILON).sqrt())),
    )
}

#[inline(always)]
fn backward_body<S: Simd, const TILE: usize>(
    groups: usize,
    plane: usize,
    x: &[Lane],
    moments: &[Lane],
    gamma: &[f32],
    gradient: &mut [Lane],
    gamma_gradient: &mut [f32],
    beta_gradient: &mut [f32],
) {
    let channels = gamma.len() / groups;
    let len = channels * plane;
    for group in 0..groups {
        let (mean, scale) = (moments[2 * group], moments[2 * group + 1]);
        let mut sum = Lane::ZERO;
        let mut product = Lane::ZERO;
        for channel in group * channels..(group + 1) * channels {
            let range = channel * plane..(channel + 1) * plane;
            let mut beta = Lane::ZERO;
            let mut dot = Lane::ZERO;
            for (x, g) in x[range.clone()].iter().zip(&gradient[range]) {
                for i in 0..LANES {
                    beta.0[i] += g.0[i];
                    dot.0[i] += g.0[i] * (x.0[i] - mean.0[i]);
                }
            }
            let hat = Lane(std::array::from_fn(|i| dot.0[i] * scale.0[i]));
            beta_gradient[channel] += beta.sum();
            gamma_gradient[channel] += hat.sum();
            for i in 0..LANES {
                sum.0[i] += gamma[channel] * beta.0[i];
                product.0[i] += gamma[channel] * hat.0[i];
            }
        }
        // dx = scale * (gamma g - mean(gamma g) - x_hat mean(gamma g x_hat))
        let n = 1.0 / len as f32;
        let m: [f32; LANES] = std::array::from_fn(|i| sum.0[i] * n);
        let k: [f32; LANES] = std::array::from_fn(|i| scale.0[i] * product.0[i] * n);
        for channel in group * channels..(group + 1) * channels {
            let range = channel * plane..(channel + 1) * plane;
            let gamma = gamma[channel];
            for (x, g) in x[range.clone()].iter().zip(&mut gradient[range]) {
                for i in 0..LANES {
                    let centred = (gamma * g.0[i] - m[i]) - (x.0[i] - mean.0[i]) * k[i];
                    g.0[i] = scale.0[i] * centred;
                }
            }
        }
    }
}
