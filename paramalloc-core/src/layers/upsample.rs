//! Larger images.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use super::layer_spec::LayerSpec;
use super::operation::{Kind, UpsampleKind, UpsampleOperation};
use super::shape_error::{Checked, Problem, fits, wrong};
use super::{Layer, Spec};
use crate::network::shape::Dims;

/// An image `FACTOR` times as high and wide: `C x H x W` to
/// `C x H * FACTOR x W * FACTOR`. Each value is repeated ([`Nearest`]), or
/// interpolated between pixel centers ([`Bilinear`]; PyTorch's
/// `align_corners=False`).
///
/// ```
/// use paramalloc_core::prelude::*;
///
/// #[multitask(input = (4, 5, 5), tasks = 2)]
/// struct Net {
///     larger: Upsample2D<2, Bilinear>, // 4x10x10
///     #[routed(2)]
///     conv: (Conv2D<4, 8, 3>, ReLU),
///     pool: GlobalAvgPool2D,
///     #[head(classes = 3)]
///     head: Linear<8, 3>,
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Upsample2D<const FACTOR: usize, M = Nearest>(PhantomData<M>);

/// How values between pixels are found, as a type: [`Nearest`] or [`Bilinear`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a way to enlarge an image",
    label = "write `Nearest` or `Bilinear`"
)]
pub trait UpsampleMode {
    /// The way.
    const KIND: UpsampleKind;
}

/// The value of the nearest pixel.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nearest;

/// Linear both ways between the centers of the nearest pixels; outside the
/// outermost centers the value of the border pixel is repeated.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bilinear;

impl UpsampleMode for Nearest {
    const KIND: UpsampleKind = UpsampleKind::Nearest;
}

impl UpsampleMode for Bilinear {
    const KIND: UpsampleKind = UpsampleKind::Bilinear;
}

impl<const F: usize, M: UpsampleMode> Layer for Upsample2D<F, M> {
    const SPEC: Spec = Spec::Upsample2D(Upsample {
        factor: F,
        kind: M::KIND,
    });
}

/// A larger image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upsample {
    /// Rows and columns of output per row and column.
    pub factor: usize,
    /// How values between pixels are found.
    pub kind: UpsampleKind,
}

impl Upsample {
    pub(super) const fn kind(&self) -> &'static str {
        "Upsample2D"
    }

    pub(super) const fn check(&self, input: Dims) -> Checked<'static> {
        if !input.is_image {
            return wrong(Problem::NeedsImage, input, Dims::UNKNOWN);
        }
        if self.factor == 0 {
            return wrong(Problem::Zero, input, Dims::UNKNOWN);
        }
        let rows = input.height.saturating_mul(self.factor);
        let columns = input.width.saturating_mul(self.factor);
        fits(Dims::image(input.channels, rows, columns))
    }
}

impl LayerSpec for Upsample {
    fn short_name(&self) -> Option<String> {
        Some(format!("upsample{}", self.factor))
    }

    fn operation(&self, _input: Dims) -> Option<Kind> {
        Some(Kind::Upsample(UpsampleOperation {
            factor: self.factor,
            kind: self.kind,
        }))
    }
}

impl fmt::Display for Upsample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            UpsampleKind::Nearest => write!(f, "Upsample2D<{}>", self.factor),
            UpsampleKind::Bilinear => write!(f, "Upsample2D<{}, Bilinear>", self.factor),
        }
    }
}
