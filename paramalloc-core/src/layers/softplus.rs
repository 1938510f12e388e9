//! The smooth rectifier.

use dfdx::prelude::*;

use super::any_device::Activations;
use super::elementwise::{ElementwiseLayer, activation, linearized};
use crate::math;

/// `ln(1 + e^x)` of each value, which is `x` above 20. The shape stays.
///
/// ```
/// use paramalloc_core::layers::ElementwiseLayer;
/// use paramalloc_core::prelude::*;
///
/// type Dense = (Linear<8, 16>, Softplus);
/// assert!((Softplus::value(0.0) - 0.693_147_2).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Softplus;

impl ElementwiseLayer for Softplus {
    const NAME: &'static str = "Softplus";

    #[inline(always)]
    fn value(x: f32) -> f32 {
        math::softplus(x)
    }

    #[inline(always)]
    fn slope(x: f32, _y: f32) -> f32 {
        math::sigmoid(x)
    }

    // As operations on the tape the exponential would overflow.
    fn forward<D: Device<f32>, T: Tape<f32, D>>(x: Activations<D, T>) -> Activations<D, T> {
        let inputs = x.retaped::<NoneTape>();
        let values = ((-inputs.clone().abs()).exp() + 1.0).ln() + inputs.clone().relu();
        linearized(x, values, inputs.sigmoid())
    }
}

activation!(Softplus);
