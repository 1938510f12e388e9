//! The rectifier that lets a little through.

use dfdx::prelude::*;

use super::any_device::Activations;
use super::elementwise::{ElementwiseLayer, activation};

/// `x` above 0, else `0.01 x`, of each value. The shape stays.
///
/// ```
/// use paramalloc_core::layers::ElementwiseLayer;
/// use paramalloc_core::prelude::*;
///
/// type Dense = (Linear<8, 16>, LeakyReLU);
/// assert!((LeakyReLU::value(-1.0) + 0.01).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct LeakyReLU;

/// The slope below 0, and at 0.
const SLOPE: f32 = 0.01;

impl ElementwiseLayer for LeakyReLU {
    const NAME: &'static str = "LeakyReLU";

    #[inline(always)]
    fn value(x: f32) -> f32 {
        if x > 0.0 { x } else { SLOPE * x }
    }

    #[inline(always)]
    fn slope(x: f32, _y: f32) -> f32 {
        if x > 0.0 { 1.0 } else { SLOPE }
    }

    fn forward<D: Device<f32>, T: Tape<f32, D>>(x: Activations<D, T>) -> Activations<D, T> {
        let zeros: Activations<D> = x.device().zeros_like(x.shape());
        let is_on = gt(&x.retaped::<NoneTape>(), &zeros);
        let slopes = is_on.choose(zeros.clone() + 1.0, zeros + SLOPE);
        x * slopes
    }
}

activation!(LeakyReLU);
