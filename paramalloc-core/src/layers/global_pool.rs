//! The mean of each channel.

use std::fmt;

use super::layer_spec::LayerSpec;
use super::operation::{Kind, PoolKind, PoolOperation};
use super::shape_error::{Checked, Problem, fits, wrong};
use super::window::Window;
use super::{Layer, Spec};
use crate::network::shape::{Dims, Padding};

/// Mean of each channel over all positions: `C x H x W` to `C` features.
///
/// ```
/// use paramalloc_core::layers::check::check;
/// use paramalloc_core::prelude::*;
///
/// let output = check(&GlobalAvgPool2D::SPEC, Dims::image(16, 7, 7)).output;
/// assert_eq!(output, Dims::features(16));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct GlobalAvgPool2D;

impl Layer for GlobalAvgPool2D {
    const SPEC: Spec = Spec::GlobalAvgPool2D;
}

impl GlobalAvgPool2D {
    pub(super) const fn kind(&self) -> &'static str {
        "GlobalAvgPool2D"
    }

    pub(super) const fn check(&self, input: Dims) -> Checked<'static> {
        let output = Dims::features(input.channels);
        if !input.is_image {
            return wrong(Problem::NeedsImage, input, output);
        }
        fits(output)
    }
}

impl LayerSpec for GlobalAvgPool2D {
    fn short_name(&self) -> Option<String> {
        Some("globalavgpool".to_owned())
    }

    fn operation(&self, input: Dims) -> Option<Kind> {
        let kernel = (input.height, input.width);
        Some(Kind::Pool(PoolOperation {
            kind: PoolKind::Average,
            window: Window::new(kernel, 1, Padding::Valid, input),
        }))
    }
}

impl fmt::Display for GlobalAvgPool2D {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}
