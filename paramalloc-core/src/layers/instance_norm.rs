//! Instance normalization.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::layer_spec::LayerSpec;
use super::message::Message;
use super::operation::{Kind, NormOperation};
use super::parameter::ParameterSpec;
use super::shape_error::{Checked, Problem, fits, wrong};
use super::{Layer, Spec};
use crate::network::shape::Dims;

/// Normalization of each channel of an image over its positions, with scale
/// and shift per channel: biased variance, epsilon 1e-5. The shape stays.
///
/// ```
/// use paramalloc_core::layers::check::check;
/// use paramalloc_core::prelude::*;
///
/// let output = check(&InstanceNorm::<16>::SPEC, Dims::image(16, 7, 7)).output;
/// assert_eq!(output, Dims::image(16, 7, 7));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct InstanceNorm<const CHANNELS: usize>;

impl<const C: usize> Layer for InstanceNorm<C> {
    const SPEC: Spec = Spec::InstanceNorm(InstanceNormSpec { channels: C });
}

/// An instance normalization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceNormSpec {
    /// Channels of the input.
    pub channels: usize,
}

impl InstanceNormSpec {
    pub(super) const fn kind(&self) -> &'static str {
        "InstanceNorm"
    }

    pub(super) const fn check(&self, input: Dims) -> Checked<'static> {
        if self.channels == 0 {
            wrong(Problem::Zero, input, input)
        } else if !input.is_image {
            wrong(Problem::NeedsImage, input, Dims::UNKNOWN)
        } else if input.channels != self.channels {
            wrong(Problem::Channels(self.channels), input, Dims::UNKNOWN)
        } else if input.plane() == 1 {
            let message = Message::new()
                .text("is given one value per channel, which it would make 0; write `LayerNorm<");
            let message = message.number(self.channels).text(">`");
            wrong(Problem::Own(message), input, input)
        } else {
            fits(input)
        }
    }
}

impl LayerSpec for InstanceNormSpec {
    fn parameters(&self) -> Vec<ParameterSpec> {
        ParameterSpec::scale_and_shift(self.channels)
    }

    fn operation(&self, input: Dims) -> Option<Kind> {
        Some(Kind::GroupNorm(NormOperation {
            groups: input.channels,
            epsilon: 1e-5,
        }))
    }
}

impl fmt::Display for InstanceNormSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InstanceNorm<{}>", self.channels)
    }
}
