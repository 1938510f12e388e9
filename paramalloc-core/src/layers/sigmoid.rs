//! The logistic function.

use dfdx::prelude::*;

use super::any_device::Activations;
use super::elementwise::{ElementwiseLayer, activation};
use crate::math;

/// `1 / (1 + e^-x)` of each value. The shape stays.
///
/// ```
/// use paramalloc_core::layers::ElementwiseLayer;
/// use paramalloc_core::prelude::*;
///
/// type Dense = (Linear<8, 16>, Sigmoid);
/// assert!((Sigmoid::value(1.0) - 0.731_058_6).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Sigmoid;

impl ElementwiseLayer for Sigmoid {
    const NAME: &'static str = "Sigmoid";

    #[inline(always)]
    fn value(x: f32) -> f32 {
        math::sigmoid(x)
    }

    #[inline(always)]
    fn slope(_x: f32, y: f32) -> f32 {
        y * (1.0 - y)
    }

    fn forward<D: Device<f32>, T: Tape<f32, D>>(x: Activations<D, T>) -> Activations<D, T> {
        x.sigmoid()
    }
}

activation!(Sigmoid);
