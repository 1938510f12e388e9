//! Group normalization.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::layer_spec::LayerSpec;
use super::message::Message;
use super::operation::{Kind, NormOperation};
use super::parameter::ParameterSpec;
use super::shape_error::{Checked, Problem, fits, wrong};
use super::{Layer, Spec};
use crate::network::shape::Dims;

/// Group normalization with scale and shift per channel: over each group's
/// channels and all positions, biased variance, epsilon 1e-6. The shape stays.
///
/// ```
/// use paramalloc_core::layers::check::check;
/// use paramalloc_core::prelude::*;
///
/// let output = check(&GroupNorm::<16, 4>::SPEC, Dims::image(16, 7, 7)).output;
/// assert_eq!(output, Dims::image(16, 7, 7));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct GroupNorm<const CHANNELS: usize, const GROUPS: usize>;

impl<const C: usize, const G: usize> Layer for GroupNorm<C, G> {
    const SPEC: Spec = Spec::GroupNorm(GroupNormSpec {
        channels: C,
        groups: G,
    });
}

/// A group normalization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupNormSpec {
    /// Channels of the input.
    pub channels: usize,
    /// Groups; divides `channels`.
    pub groups: usize,
}

impl GroupNormSpec {
    pub(super) const fn kind(&self) -> &'static str {
        "GroupNorm"
    }

    pub(super) const fn check(&self, input: Dims) -> Checked<'static> {
        let (channels, groups) = (self.channels, self.groups);
        if channels == 0 || groups == 0 {
            wrong(Problem::Zero, input, input)
        } else if input.channels != channels {
            wrong(Problem::Channels(channels), input, Dims::UNKNOWN)
        } else if !channels.is_multiple_of(groups) {
            let message = Message::new().text("has ").count(groups, "group");
            let message = message.text(" for ").count(channels, "channel");
            let message = message.text("; write a number of groups that divides the channels");
            wrong(Problem::Own(message), input, input)
        } else {
            fits(input)
        }
    }
}

impl LayerSpec for GroupNormSpec {
    fn parameters(&self) -> Vec<ParameterSpec> {
        ParameterSpec::scale_and_shift(self.channels)
    }

    fn operation(&self, _input: Dims) -> Option<Kind> {
        Some(Kind::GroupNorm(NormOperation {
            groups: self.groups,
            epsilon: 1e-6,
        }))
    }
}

impl fmt::Display for GroupNormSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GroupNorm<{}, {}>", self.channels, self.groups)
    }
}
