//! Hyperbolic tangent.

use dfdx::prelude::*;

use super::any_device::Activations;
use super::elementwise::{ElementwiseLayer, activation};
use crate::math;

/// Hyperbolic tangent of each value. The shape stays.
///
/// ```
/// use paramalloc_core::layers::ElementwiseLayer;
/// use paramalloc_core::prelude::*;
///
/// type Dense = (Linear<8, 16>, Tanh);
/// assert!((Tanh::value(1.0) - 0.761_594_2).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Tanh;

impl ElementwiseLayer for Tanh {
    const NAME: &'static str = "Tanh";

    #[inline(always)]
    fn value(x: f32) -> f32 {
        math::tanh(x)
    }

    #[inline(always)]
    fn slope(_x: f32, y: f32) -> f32 {
        1.0 - y * y
    }

    fn forward<D: Device<f32>, T: Tape<f32, D>>(x: Activations<D, T>) -> Activations<D, T> {
        x.tanh()
    }
}

activation!(Tanh);
