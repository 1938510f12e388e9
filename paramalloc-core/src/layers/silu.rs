//! SiLU, also called swish.

use dfdx::prelude::*;

use super::any_device::Activations;
use super::elementwise::{ElementwiseLayer, activation};
use crate::math;

/// `x * sigmoid(x)` of each value. The shape stays.
///
/// ```
/// use paramalloc_core::layers::ElementwiseLayer;
/// use paramalloc_core::prelude::*;
///
/// type Dense = (Linear<8, 16>, SiLU);
/// assert!((SiLU::value(1.0) - 0.731_058_6).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SiLU;

impl ElementwiseLayer for SiLU {
    const NAME: &'static str = "SiLU";

    #[inline(always)]
    fn value(x: f32) -> f32 {
        x * math::sigmoid(x)
    }

    #[inline(always)]
    fn slope(x: f32, y: f32) -> f32 {
        let s = math::sigmoid(x);
        s + y * (1.0 - s)
    }

    fn forward<D: Device<f32>, T: Tape<f32, D>>(x: Activations<D, T>) -> Activations<D, T> {
        x.with_empty_tape().sigmoid() * x
    }
}

activation!(SiLU);
