//! Layers that are a function of each value: the built-in activations, and
//! those of a user's own, which are as fast.

use std::borrow::Cow;
use std::marker::PhantomData;

use dfdx::prelude::{Cpu, HasShape, NoneTape, OwnedTape, Tape};

use super::Spec;
use super::any_device::{Activations, AnyDeviceLayer, AnyElementwise, FlatParameter};
use super::custom::{Custom, ShapeRule};
use super::operation::ElementwiseOperation;
use paramalloc_kernels::map::{self, Function};
use paramalloc_kernels::{Lane, Level};

/// A layer that is one function of each value, without parameters. The shape
/// stays.
///
/// It is as fast as a built-in activation of the same arithmetic if the
/// compiler can vectorize its two functions: [`crate::math`] has the usual
/// ones, `if` as an expression (`if x > 0.0 { x } else { 0.0 }`) is fine, and
/// `#[inline(always)]` keeps longer ones in the loop, where they become vector
/// code. A build without optimization has none.
///
/// ```
/// use paramalloc_core::layers::ElementwiseLayer;
/// use paramalloc_core::math;
/// use paramalloc_core::prelude::*;
///
/// /// `x * tanh(ln(1 + e^x))`.
/// struct Mish;
///
/// impl ElementwiseLayer for Mish {
///     const NAME: &'static str = "Mish";
///
///     #[inline(always)]
///     fn value(x: f32) -> f32 {
///         x * math::tanh(math::softplus(x))
///     }
///
///     #[inline(always)]
///     fn slope(x: f32, _y: f32) -> f32 {
///         let t = math::tanh(math::softplus(x));
///         t + x * math::sigmoid(x) * (1.0 - t * t)
///     }
/// }
///
/// impl Layer for Mish {
///     const SPEC: Spec = Spec::elementwise::<Mish>();
/// }
///
/// #[multitask(input = 4)]
/// struct Net {
///     mine: (Linear<4, 4>, Mish),
///     #[head(classes = 2)]
///     head: Linear<4, 2>,
/// }
/// ```
pub trait ElementwiseLayer: 'static {
    /// Name for messages and figures.
    const NAME: &'static str;

    /// The function.
    fn value(x: f32) -> f32;

    /// Its derivative at `x`, where its value is `y`.
    fn slope(x: f32, y: f32) -> f32;

    /// The function in operations of dfdx, for devices other than the CPU. By
    /// default the values go through the CPU.
    fn forward<D: dfdx::tensor_ops::Device<f32>, T: Tape<f32, D>>(
        x: Activations<D, T>,
    ) -> Activations<D, T> {
        let device = x.device().clone();
        let (shape, inputs) = (*x.shape(), x.as_vec());
        let values: Vec<f32> = inputs.iter().map(|x| Self::value(*x)).collect();
        let slopes = inputs.iter().zip(&values);
        let slopes = slopes.map(|(x, y)| Self::slope(*x, *y)).collect();
        let values = device.tensor_from_vec(values, shape);
        linearized(x, values, device.tensor_from_vec(slopes, shape))
    }
}

/// A tensor with these values, whose derivatives with respect to `x` are
/// `slopes`.
pub(super) fn linearized<D: dfdx::tensor_ops::Device<f32>, T: Tape<f32, D>>(
    x: Activations<D, T>,
    values: Activations<D>,
    slopes: Activations<D>,
) -> Activations<D, T> {
    let constant = values - x.retaped::<NoneTape>() * slopes.clone();
    x * slopes + constant
}

/// An elementwise layer behind a pointer.
pub(super) struct Erased<L>(PhantomData<fn() -> L>);

impl<L: ElementwiseLayer> Erased<L> {
    pub(super) const LAYER: &'static dyn AnyElementwise = &Self(PhantomData);

    /// What the built-in layer computes.
    pub(super) fn operation() -> ElementwiseOperation {
        ElementwiseOperation {
            layer: Self::LAYER,
            is_own: false,
        }
    }
}

impl<L: ElementwiseLayer> Function for Erased<L> {
    #[inline(always)]
    fn value(x: f32) -> f32 {
        L::value(x)
    }

    #[inline(always)]
    fn slope(x: f32, y: f32) -> f32 {
        L::slope(x, y)
    }
}

impl<L: ElementwiseLayer> AnyElementwise for Erased<L> {
    fn name(&self) -> &'static str {
        L::NAME
    }

    fn values(&self, level: Level, x: &[Lane], y: &mut [Lane]) {
        map::map::<Self>(level, x, y);
    }

    fn gradient(&self, level: Level, x: &[Lane], y: &[Lane], gradient: &mut [Lane]) {
        map::multiply_slope::<Self>(level, x, y, gradient);
    }
}

impl<L: ElementwiseLayer> AnyDeviceLayer for Erased<L> {
    fn elementwise(&self) -> Option<&'static dyn AnyElementwise> {
        Some(Self::LAYER)
    }

    fn evaluate_cpu(&self, x: Activations<Cpu>, _: Vec<FlatParameter<Cpu>>) -> Activations<Cpu> {
        L::forward(x)
    }

    fn train_cpu(
        &self,
        x: Activations<Cpu, OwnedTape<f32, Cpu>>,
        _: Vec<FlatParameter<Cpu, OwnedTape<f32, Cpu>>>,
    ) -> Activations<Cpu, OwnedTape<f32, Cpu>> {
        L::forward(x)
    }

    #[cfg(feature = "cuda")]
    fn evaluate_cuda(
        &self,
        x: Activations<dfdx::prelude::Cuda>,
        _: Vec<FlatParameter<dfdx::prelude::Cuda>>,
    ) -> Activations<dfdx::prelude::Cuda> {
        L::forward(x)
    }

    #[cfg(feature = "cuda")]
    fn train_cuda(
        &self,
        x: Activations<dfdx::prelude::Cuda, OwnedTape<f32, dfdx::prelude::Cuda>>,
        _: Vec<FlatParameter<dfdx::prelude::Cuda, OwnedTape<f32, dfdx::prelude::Cuda>>>,
    ) -> Activations<dfdx::prelude::Cuda, OwnedTape<f32, dfdx::prelude::Cuda>> {
        L::forward(x)
    }
}

impl Spec {
    /// The description of the user's elementwise layer `L`.
    pub const fn elementwise<L: ElementwiseLayer>() -> Spec {
        Spec::Custom(Custom {
            name: Cow::Borrowed(L::NAME),
            rule: ShapeRule::Keep,
            parameters: Cow::Borrowed(&[]),
            layer: Some(Erased::<L>::LAYER),
        })
    }
}

/// The rest of a built-in activation's file: what follows from its type and
/// its [`ElementwiseLayer`].
macro_rules! activation {
    ($name:ident) => {
        impl crate::layers::Layer for $name {
            const SPEC: crate::layers::Spec = crate::layers::Spec::$name;
        }

        impl $name {
            pub(super) const fn kind(&self) -> &'static str {
                stringify!($name)
            }

            pub(super) const fn check(
                &self,
                input: crate::network::shape::Dims,
            ) -> crate::layers::shape_error::Checked<'static> {
                crate::layers::shape_error::fits(input)
            }
        }

        impl crate::layers::layer_spec::LayerSpec for $name {
            fn operation(
                &self,
                _input: crate::network::shape::Dims,
            ) -> Option<crate::layers::operation::Kind> {
                let operation = crate::layers::elementwise::Erased::<Self>::operation();
                Some(crate::layers::operation::Kind::Elementwise(operation))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}
pub(super) use activation;

#[cfg(test)]
mod tests {
    use std::f64::consts::SQRT_2;

    use paramalloc_kernels::{LANES, Lane, Level};

    use super::{ElementwiseLayer, Erased};
    use crate::layers::{GELU, LeakyReLU, SiLU, Sigmoid, Softplus, Tanh};
    use crate::math;

    /// Values are those of `exact`, and slopes its finite differences.
    fn check<L: ElementwiseLayer>(exact: impl Fn(f64) -> f64) {
        for i in -600..=600 {
            // Not 0, where LeakyReLU has no slope.
            let x = i as f32 / 37.0 + 1e-3;
            let (y, slope) = (L::value(x), L::slope(x, L::value(x)));
            let (at, step) = (f64::from(x), 1e-5);
            let wanted = exact(at);
            let close = (f64::from(y) - wanted).abs() <= 1e-6 * wanted.abs().max(1.0);
            assert!(close, "{} at {x}: {y}, not {wanted}", L::NAME);
            let wanted = (exact(at + step) - exact(at - step)) / (2.0 * step);
            let close = (f64::from(slope) - wanted).abs() <= 2e-6 * wanted.abs().max(1.0);
            assert!(close, "{} at {x}: slope {slope}, not {wanted}", L::NAME);
        }
        assert!(L::value(f32::NAN).is_nan(), "{}", L::NAME);
    }

    #[test]
    fn activations_are_their_formulas() {
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        check::<SiLU>(|x| x * sigmoid(x));
        check::<Sigmoid>(sigmoid);
        check::<Tanh>(f64::tanh);
        check::<LeakyReLU>(|x| if x > 0.0 { x } else { 0.01 * x });
        check::<Softplus>(|x| if x > 20.0 { x } else { x.exp().ln_1p() });
        check::<GELU>(|x| x * (1.0 + math::erf_of_double(x / SQRT_2)) / 2.0);
    }

    /// The formulas at -2 and 1 by Python's `math`.
    #[test]
    fn activations_have_known_values() {
        fn values<L: ElementwiseLayer>(expected: [f32; 2]) {
            for (x, expected) in [-2.0, 1.0].into_iter().zip(expected) {
                let y = L::value(x);
                assert!((y - expected).abs() < 2e-7, "{} at {x}: {y}", L::NAME);
            }
        }
        values::<SiLU>([-0.238_405_84, 0.731_058_6]);
        values::<GELU>([-0.045_500_264, 0.841_344_8]);
        values::<Tanh>([-0.964_027_6, 0.761_594_2]);
        values::<Sigmoid>([0.119_202_92, 0.731_058_6]);
        values::<LeakyReLU>([-0.02, 1.0]);
        values::<Softplus>([0.126_928_02, 1.313_261_7]);
    }

    /// Vector code gives the bits of one value after the other.
    fn check_bits<L: ElementwiseLayer>() {
        // Not a multiple of any vector's length.
        let input = |i: usize| Lane(std::array::from_fn(|l| (i * LANES + l) as f32 / 29.0 - 9.0));
        let inputs: Vec<Lane> = (0..67).map(input).collect();
        let bits = |lanes: &[Lane]| -> Vec<u32> {
            let values = lanes.iter().flat_map(|lane| lane.0);
            values.map(f32::to_bits).collect()
        };
        let values = |x: &Lane| Lane(x.0.map(L::value));
        let outputs: Vec<Lane> = inputs.iter().map(values).collect();
        let slopes = |x: &Lane| Lane(x.0.map(|x| 3.0 * L::slope(x, L::value(x))));
        let gradients: Vec<Lane> = inputs.iter().map(slopes).collect();
        for &level in Level::available() {
            let mut found = vec![Lane::ZERO; inputs.len()];
            Erased::<L>::LAYER.values(level, &inputs, &mut found);
            assert_eq!(bits(&found), bits(&outputs), "{} {level:?}", L::NAME);
            let mut found = vec![Lane([3.0; LANES]); inputs.len()];
            Erased::<L>::LAYER.gradient(level, &inputs, &outputs, &mut found);
            assert_eq!(bits(&found), bits(&gradients), "{} {level:?}", L::NAME);
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        check_bits::<SiLU>();
        check_bits::<Sigmoid>();
        check_bits::<Tanh>();
        check_bits::<LeakyReLU>();
        check_bits::<Softplus>();
        check_bits::<GELU>();
    }
}
