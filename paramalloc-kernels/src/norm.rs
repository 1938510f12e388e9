//! Group normalisation with scale, shift and optional ReLU.

use super::elementwise::sum_over;
use super::simd::{LANES, Lane, Simd, dispatch};

dispatch! {
    /// `y = gamma * (x - mean) / sqrt(variance + epsilon) + beta`, then ReLU if
    /// `relu`. `x` and `y` are `[channels, plane]`; `moments` keeps mean and
    /// reciprocal deviation of each group.
    pub fn forward / forward_body(
        groups: usize, epsilon: f32, plane: usize, x: &[Lane], gamma: &[f32], beta: &[f32],
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

#[allow(clippy::too_many_arguments)]
#[inline(always)]
fn forward_body<S: Simd>(
    groups: usize,
    epsilon: f32,
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
        let (mean, scale) = group_moments::<S>(x, epsilon);
        moments[2 * group] = mean;
        moments[2 * group + 1] = scale;
        for (c, x) in x.chunks_exact(plane).enumerate() {
            let channel = group * channels + c;
            let y = &mut y[channel * plane..(channel + 1) * plane];
            // SAFETY: references only, and the body runs where `S` exists.
            unsafe {
                let floor = S::splat(if relu { 0.0 } else { f32::NEG_INFINITY });
                let (mean, beta) = (S::load(&mean), S::splat(beta[channel]));
                let factor = S::mul(S::splat(gamma[channel]), S::load(&scale));
                for (y, x) in y.iter_mut().zip(x) {
                    let value = S::fma(S::sub(S::load(x), mean), factor, beta);
                    S::store(y, S::max(floor, value));
                }
            }
        }
    }
}

/// Mean and `1 / sqrt(variance + epsilon)` of each image's values. Two passes,
/// because the difference of two large sums would lose the variance.
#[inline(always)]
fn group_moments<S: Simd>(x: &[Lane], epsilon: f32) -> (Lane, Lane) {
    let n = 1.0 / x.len() as f32;
    let (mut mean, mut variance) = (Lane::ZERO, Lane::ZERO);
    // SAFETY: all places are below the length.
    unsafe {
        let sum = sum_over!(S, x.len(), |i, sum| {
            *sum = S::add(*sum, S::load(x.as_ptr().add(i)))
        });
        let m = S::mul(sum, S::splat(n));
        let squares = sum_over!(S, x.len(), |i, sum| {
            let d = S::sub(S::load(x.as_ptr().add(i)), m);
            *sum = S::fma(d, d, *sum)
        });
        S::store(&mut mean, m);
        S::store(&mut variance, S::mul(squares, S::splat(n)));
    }
    (mean, Lane(variance.0.map(|v| 1.0 / (v + epsilon).sqrt())))
}

#[allow(clippy::too_many_arguments)]
#[inline(always)]
fn backward_body<S: Simd>(
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
            let (beta, dot) = channel_sums::<S>(&x[range.clone()], &gradient[range], mean);
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
        let m = Lane(sum.0.map(|s| s * n));
        let k = Lane(std::array::from_fn(|i| -scale.0[i] * product.0[i] * n));
        for channel in group * channels..(group + 1) * channels {
            let range = channel * plane..(channel + 1) * plane;
            // SAFETY: references only, and the body runs where `S` exists.
            unsafe {
                let (mean, scale) = (S::load(&mean), S::load(&scale));
                let (m, k) = (S::load(&m), S::load(&k));
                let gamma = S::splat(gamma[channel]);
                for (x, g) in x[range.clone()].iter().zip(&mut gradient[range]) {
                    let centred = S::sub(S::mul(gamma, S::load(g)), m);
                    let centred = S::fma(S::sub(S::load(x), mean), k, centred);
                    S::store(g, S::mul(scale, centred));
                }
            }
        }
    }
}

/// Sums over positions of `g` and of `g * (x - mean)`.
#[inline(always)]
fn channel_sums<S: Simd>(x: &[Lane], g: &[Lane], mean: Lane) -> (Lane, Lane) {
    let len = x.len().min(g.len());
    let (mut plain, mut dot) = (Lane::ZERO, Lane::ZERO);
    // SAFETY: all places are below both lengths.
    unsafe {
        let mean = S::load(&mean);
        let sum = sum_over!(S, len, |i, sum| {
            *sum = S::add(*sum, S::load(g.as_ptr().add(i)))
        });
        let products = sum_over!(S, len, |i, sum| {
            let d = S::sub(S::load(x.as_ptr().add(i)), mean);
            *sum = S::fma(S::load(g.as_ptr().add(i)), d, *sum)
        });
        S::store(&mut plain, sum);
        S::store(&mut dot, products);
    }
    (plain, dot)
}
