//! GELU.

use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use dfdx::prelude::*;

use super::any_device::Activations;
use super::elementwise::{ElementwiseLayer, activation, linearized};
use crate::math;

/// `x * (1 + erf(x / sqrt 2)) / 2` of each value: the exact form, not that
/// with a hyperbolic tangent. The shape stays.
///
/// ```
/// use paramalloc_core::layers::ElementwiseLayer;
/// use paramalloc_core::prelude::*;
///
/// type Dense = (Linear<8, 16>, GELU);
/// assert!((GELU::value(1.0) - 0.841_344_7).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct GELU;

/// `1 / sqrt(2 pi)`.
const DENSITY_AT_0: f32 = FRAC_2_SQRT_PI * FRAC_1_SQRT_2 / 2.0;

impl ElementwiseLayer for GELU {
    const NAME: &'static str = "GELU";

    #[inline(always)]
    fn value(x: f32) -> f32 {
        0.5 * x * (1.0 + math::erf(x * FRAC_1_SQRT_2))
    }

    #[inline(always)]
    fn slope(x: f32, _y: f32) -> f32 {
        let density = DENSITY_AT_0 * math::exp(-0.5 * x * x);
        0.5 * (1.0 + math::erf(x * FRAC_1_SQRT_2)) + x * density
    }

    // The derivative of dfdx 0.13 lacks a factor of 1 / sqrt 2.
    fn forward<D: Device<f32>, T: Tape<f32, D>>(x: Activations<D, T>) -> Activations<D, T> {
        let inputs = x.retaped::<NoneTape>();
        let values = inputs.clone().accurate_gelu();
        // The share of the normal distribution below x is y / x; near 0 it is
        // a line, up to the third power of x.
        let line = inputs.clone() * DENSITY_AT_0 + 0.5;
        let is_near = lt(&inputs.clone().abs(), &(inputs.clone() * 0.0 + 0.01));
        let ones = inputs.clone() * 0.0 + 1.0;
        let share = values.clone() / is_near.clone().choose(ones, inputs.clone());
        let share = is_near.choose(line, share);
        let density = (inputs.clone().square() * -0.5).exp() * DENSITY_AT_0;
        linearized(x, values, share + inputs * density)
    }
}

activation!(GELU);
