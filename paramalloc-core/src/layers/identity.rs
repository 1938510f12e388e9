//! The identity.

use std::fmt;

use super::layer_spec::LayerSpec;
use super::operation::Kind;
use super::shape_error::{Checked, fits};
use super::{Layer, Spec};
use crate::network::shape::Dims;

/// The input, unchanged.
///
/// ```
/// use paramalloc_core::layers::check::check;
/// use paramalloc_core::prelude::*;
///
/// let output = check(&Identity::SPEC, Dims::image(16, 7, 7)).output;
/// assert_eq!(output, Dims::image(16, 7, 7));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity;

impl Layer for Identity {
    const SPEC: Spec = Spec::Identity;
}

impl Identity {
    pub(super) const fn kind(&self) -> &'static str {
        "Identity"
    }

    pub(super) const fn check(&self, input: Dims) -> Checked<'static> {
        fits(input)
    }
}

impl LayerSpec for Identity {
    fn short_name(&self) -> Option<String> {
        Some("identity".to_owned())
    }

    fn operation(&self, _input: Dims) -> Option<Kind> {
        None
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}
