//! The rectifier.

use std::fmt;

use super::layer_spec::LayerSpec;
use super::operation::Kind;
use super::shape_error::{Checked, fits};
use super::{Layer, Spec};
use crate::network::shape::Dims;

/// `max(0, x)` of each value. The shape stays.
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
