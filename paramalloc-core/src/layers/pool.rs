//! Pooling.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use super::layer_spec::LayerSpec;
use super::operation::{Kind, PoolKind, PoolOperation};
use super::padding::{PaddingType, Valid, short_window, write_stride};
use super::shape_error::Checked;
use super::window::{Window, check_window};
use super::{Layer, Spec};
use crate::network::shape::{Dims, Padding};

/// Mean of each window: `C x H x W` to `C x H' x W'`. Padding does not count.
/// The stride is the kernel unless given (dfdx has 1 there).
///
/// ```
/// use paramalloc_core::layers::check::check;
/// use paramalloc_core::prelude::*;
///
/// let output = check(&AvgPool2D::<3, 2, Same>::SPEC, Dims::image(8, 14, 14)).output;
/// assert_eq!(output, Dims::image(8, 7, 7));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct AvgPool2D<const KERNEL: usize, const STRIDE: usize = KERNEL, P = Valid>(PhantomData<P>);

impl<const K: usize, const S: usize, P: PaddingType> Layer for AvgPool2D<K, S, P> {
    const SPEC: Spec = Spec::Pool2D(Pool {
        kind: PoolKind::Average,
        kernel: K,
        stride: S,
        padding: P::PADDING,
    });
}

/// Maximum of each window: `C x H x W` to `C x H' x W'`. Padding does not
/// count. The stride is the kernel unless given (dfdx has 1 there). A tie
/// sends its gradient to the first cell in row order.
///
/// ```
/// use paramalloc_core::layers::check::check;
/// use paramalloc_core::prelude::*;
///
/// let output = check(&MaxPool2D::<2>::SPEC, Dims::image(8, 14, 14)).output;
/// assert_eq!(output, Dims::image(8, 7, 7));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct MaxPool2D<const KERNEL: usize, const STRIDE: usize = KERNEL, P = Valid>(PhantomData<P>);

impl<const K: usize, const S: usize, P: PaddingType> Layer for MaxPool2D<K, S, P> {
    const SPEC: Spec = Spec::Pool2D(Pool {
        kind: PoolKind::Max,
        kernel: K,
        stride: S,
        padding: P::PADDING,
    });
}

/// A pooling layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Average or maximum.
    pub kind: PoolKind,
    /// Rows and columns of the window.
    pub kernel: usize,
    /// Step of the window, the same both ways.
    pub stride: usize,
    /// Treatment of the borders.
    pub padding: Padding,
}

impl Pool {
    pub(super) const fn kind(&self) -> &'static str {
        match self.kind {
            PoolKind::Average => "AvgPool2D",
            PoolKind::Max => "MaxPool2D",
        }
    }

    pub(super) const fn check(&self, input: Dims) -> Checked<'static> {
        let kernel = (self.kernel, self.kernel);
        check_window(input.channels, kernel, self.stride, self.padding, input)
    }
}

impl LayerSpec for Pool {
    fn short_name(&self) -> Option<String> {
        let name = match self.kind {
            PoolKind::Average => "avgpool",
            PoolKind::Max => "maxpool",
        };
        let kernel = (self.kernel, self.kernel);
        Some(short_window(name, kernel, self.stride))
    }

    fn operation(&self, input: Dims) -> Option<Kind> {
        let kernel = (self.kernel, self.kernel);
        Some(Kind::Pool(PoolOperation {
            kind: self.kind,
            window: Window::new(kernel, self.stride, self.padding, input),
        }))
    }
}

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}<{}", self.kind(), self.kernel)?;
        write_stride(self.stride, self.kernel, self.padding, f)
    }
}
