//! Layer normalization.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::layer_spec::LayerSpec;
use super::operation::{Kind, NormOperation};
use super::parameter::ParameterSpec;
use super::shape_error::{Checked, Problem, fits, wrong};
use super::{Layer, Spec};
use crate::network::shape::Dims;

/// Normalization over all values of an example, channels, rows and columns,
/// with scale and shift per channel of an image or per feature: biased
/// variance, epsilon 1e-5. The shape stays.
///
/// ```
/// use paramalloc_core::layers::check::check;
/// use paramalloc_core::prelude::*;
///
/// let output = check(&LayerNorm::<16>::SPEC, Dims::features(16)).output;
/// assert_eq!(output, Dims::features(16));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct LayerNorm<const CHANNELS: usize>;

impl<const C: usize> Layer for LayerNorm<C> {
    const SPEC: Spec = Spec::LayerNorm(LayerNormSpec { channels: C });
}

/// A layer normalization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerNormSpec {
    /// Channels or features of the input.
    pub channels: usize,
}

impl LayerNormSpec {
    pub(super) const fn kind(&self) -> &'static str {
        "LayerNorm"
    }

    pub(super) const fn check(&self, input: Dims) -> Checked<'static> {
        if self.channels == 0 {
            wrong(Problem::Zero, input, input)
        } else if input.channels == self.channels {
            fits(input)
        } else if input.is_image {
            wrong(Problem::Channels(self.channels), input, Dims::UNKNOWN)
        } else {
            wrong(Problem::Features(self.channels), input, Dims::UNKNOWN)
        }
    }
}

impl LayerSpec for LayerNormSpec {
    fn parameters(&self) -> Vec<ParameterSpec> {
        ParameterSpec::scale_and_shift(self.channels)
    }

    fn operation(&self, _input: Dims) -> Option<Kind> {
        Some(Kind::GroupNorm(NormOperation {
            groups: 1,
            epsilon: 1e-5,
        }))
    }
}

impl fmt::Display for LayerNormSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LayerNorm<{}>", self.channels)
    }
}
