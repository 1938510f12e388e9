//! Transposed convolutions.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use super::layer_spec::LayerSpec;
use super::operation::{ConvOperation, ConvTransposeOperation, Kind};
use super::padding::{PaddingType, Valid, short_window, write_stride};
use super::parameter::ParameterSpec;
use super::shape_error::{Checked, Problem, fits, wrong};
use super::window::Window;
use super::{Layer, Spec};
use crate::network::shape::{Dims, Padding};

/// Transposed convolution with bias, the gradient of a [`Conv2D`](super::Conv2D)
/// from `OUT` to `IN` channels: `IN x H x W` to `OUT x H' x W'`. With
/// [`Same`](super::Same), `H'` is `H * STRIDE`; else `(H - 1) * STRIDE + KERNEL`.
///
/// ```
/// use paramalloc_core::prelude::*;
///
/// #[multitask(input = (4, 5, 5), tasks = 2)]
/// struct Net {
///     #[routed(2)]
///     larger: (ConvTranspose2D<4, 8, 3, 2, Same>, ReLU), // 8x10x10
///     pool: GlobalAvgPool2D,
///     #[head(classes = 3)]
///     head: Linear<8, 3>,
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ConvTranspose2D<
    const IN: usize,
    const OUT: usize,
    const KERNEL: usize,
    const STRIDE: usize = 1,
    P = Valid,
>(PhantomData<P>);

impl<const I: usize, const O: usize, const K: usize, const S: usize, P: PaddingType> Layer
    for ConvTranspose2D<I, O, K, S, P>
{
    const SPEC: Spec = Spec::ConvTranspose2D(ConvTranspose {
        input: I,
        output: O,
        kernel: K,
        stride: S,
        padding: P::PADDING,
    });
}

/// A transposed convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConvTranspose {
    /// Channels in.
    pub input: usize,
    /// Channels out.
    pub output: usize,
    /// Rows and columns of the kernel.
    pub kernel: usize,
    /// Step of the window over the output, the same both ways.
    pub stride: usize,
    /// Treatment of the borders of the output.
    pub padding: Padding,
}

impl ConvTranspose {
    pub(super) const fn kind(&self) -> &'static str {
        "ConvTranspose2D"
    }

    pub(super) const fn check(&self, input: Dims) -> Checked<'static> {
        if !input.is_image {
            return wrong(Problem::NeedsImage, input, Dims::UNKNOWN);
        }
        if self.input == 0 || self.output == 0 || self.kernel == 0 || self.stride == 0 {
            return wrong(Problem::Zero, input, Dims::UNKNOWN);
        }
        let output = self.image(input);
        if self.input != input.channels {
            return wrong(Problem::Channels(self.input), input, output);
        }
        fits(output)
    }

    const fn image(&self, input: Dims) -> Dims {
        let (rows, columns) = (self.side(input.height), self.side(input.width));
        Dims::image(self.output, rows, columns)
    }

    /// The side of the output that a window of the convolution makes `side` of.
    const fn side(&self, side: usize) -> usize {
        match self.padding {
            Padding::Same => side.saturating_mul(self.stride),
            Padding::Valid => (side - 1)
                .saturating_mul(self.stride)
                .saturating_add(self.kernel),
        }
    }
}

impl LayerSpec for ConvTranspose {
    fn short_name(&self) -> Option<String> {
        let kernel = (self.kernel, self.kernel);
        Some(short_window("convtranspose", kernel, self.stride))
    }

    fn parameters(&self) -> Vec<ParameterSpec> {
        let shape = vec![self.input, self.output, self.kernel, self.kernel];
        let cells = self.kernel.saturating_mul(self.kernel);
        vec![
            ParameterSpec::weight(shape, self.input, self.output, cells),
            ParameterSpec::bias(self.output),
        ]
    }

    fn operation(&self, input: Dims) -> Option<Kind> {
        let kernel = (self.kernel, self.kernel);
        let image = self.image(input);
        let conv = ConvOperation {
            input: self.output,
            output: self.input,
            window: Window::new(kernel, self.stride, self.padding, image),
        };
        Some(Kind::ConvTranspose(ConvTransposeOperation { conv }))
    }
}

impl fmt::Display for ConvTranspose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (i, o, k) = (self.input, self.output, self.kernel);
        write!(f, "ConvTranspose2D<{i}, {o}, {k}")?;
        write_stride(self.stride, 1, self.padding, f)
    }
}
