//! The parameters of a layer and where they start.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A parameter of a layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterSpec {
    /// Last part of the parameter's path: `weight`, `bias`, `gamma`, `beta`
    /// or a name of one's own. A `bias` is left out of the L2 penalty.
    pub kind: Cow<'static, str>,
    /// Its shape.
    pub shape: Cow<'static, [usize]>,
    /// Its initial values.
    pub init: Init,
}

/// Initial values of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Init {
    /// One value everywhere.
    Constant(f32),
    /// Normal with mean 0 and deviation 1.
    StandardNormal,
    /// Glorot-uniform: `U(-a, a)`, `a = sqrt(6 / (fan_in + fan_out))`.
    GlorotUniform {
        /// Inputs that one output sums.
        fan_in: usize,
        /// Outputs that one input reaches.
        fan_out: usize,
    },
}

impl ParameterSpec {
    /// A parameter of this kind, shape and start.
    pub const fn new(kind: &'static str, shape: &'static [usize], init: Init) -> Self {
        Self {
            kind: Cow::Borrowed(kind),
            shape: Cow::Borrowed(shape),
            init,
        }
    }

    /// The same with a shape that follows from the layer's settings.
    pub(crate) fn of_shape(kind: &'static str, shape: Vec<usize>, init: Init) -> Self {
        Self {
            kind: Cow::Borrowed(kind),
            shape: Cow::Owned(shape),
            init,
        }
    }

    /// Glorot-uniform weights of this shape, where `window` is the number of
    /// positions of a kernel.
    pub(crate) fn weight(shape: Vec<usize>, input: usize, output: usize, window: usize) -> Self {
        let init = Init::GlorotUniform {
            fan_in: input.saturating_mul(window),
            fan_out: output.saturating_mul(window),
        };
        Self::of_shape("weight", shape, init)
    }

    /// `gamma`, which starts at 1, and `beta`, which starts at 0, of each
    /// channel.
    pub(crate) fn scale_and_shift(channels: usize) -> Vec<Self> {
        vec![
            Self::of_shape("gamma", vec![channels], Init::Constant(1.0)),
            Self::of_shape("beta", vec![channels], Init::Constant(0.0)),
        ]
    }

    /// Biases, which start at 0.
    pub(crate) fn bias(len: usize) -> Self {
        Self::of_shape("bias", vec![len], Init::Constant(0.0))
    }

    /// Number of values; of more than there can be, the most.
    pub(crate) fn len(&self) -> usize {
        let sizes = self.shape.iter();
        sizes.fold(1, |len, &size| len.saturating_mul(size))
    }
}
