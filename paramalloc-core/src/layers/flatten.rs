//! From images to features.

use std::fmt;

use super::layer_spec::LayerSpec;
use super::operation::Kind;
use super::shape_error::{Checked, Problem, fits, wrong};
use super::{Layer, Spec};
use crate::network::shape::Dims;

/// Image to features, in the order channel, row, column: `C x H x W` to
/// `C * H * W` features.
///
/// ```
/// use paramalloc_core::layers::check::check;
/// use paramalloc_core::prelude::*;
///
/// let output = check(&Flatten2D::SPEC, Dims::image(4, 3, 3)).output;
/// assert_eq!(output, Dims::features(36));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Flatten2D;

impl Layer for Flatten2D {
    const SPEC: Spec = Spec::Flatten2D;
}

impl Flatten2D {
    pub(super) const fn kind(&self) -> &'static str {
        "Flatten2D"
    }

    pub(super) const fn check(&self, input: Dims) -> Checked<'static> {
        if !input.is_image {
            return wrong(Problem::NeedsImage, input, input);
        }
        fits(Dims::features(input.len()))
    }
}

impl LayerSpec for Flatten2D {
    fn operation(&self, _input: Dims) -> Option<Kind> {
        None
    }
}

impl fmt::Display for Flatten2D {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}
