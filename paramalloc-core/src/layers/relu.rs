//! The rectifier.

use std::fmt;

use super::layer_spec::LayerSpec;
use super::operation::Kind;
use super::shape_error::{Checked, fits};
use super::{Layer, Spec};
use crate::network::shape::Dims;

/// `max(0, x)` of each value. The shape stays.
///
/// ```
/// use paramalloc_core::layers::check::check;
/// use paramalloc_core::prelude::*;
///
/// type Dense = (Linear<8, 16>, ReLU);
/// let output = check(&Dense::SPEC, Dims::features(8)).output;
/// assert_eq!(output, Dims::features(16));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ReLU;

impl Layer for ReLU {
    const SPEC: Spec = Spec::ReLU;
}

impl ReLU {
    pub(super) const fn kind(&self) -> &'static str {
        "ReLU"
    }

    pub(super) const fn check(&self, input: Dims) -> Checked<'static> {
        fits(input)
    }
}

impl LayerSpec for ReLU {
    fn operation(&self, _input: Dims) -> Option<Kind> {
        Some(Kind::ReLU)
    }
}

impl fmt::Display for ReLU {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}
