//! Layers that can be heads.

use serde::{Deserialize, Serialize};

use super::Spec;
use super::conv::{Conv, Conv2D, PerTaskConv2D};
use super::linear::{Linear, LinearSpec, PerTaskLinear};
use super::padding::PaddingType;
use crate::network::shape::Padding;

/// The layer of a network's last field: [`Linear`], or [`Conv2D`] for a prediction
/// at each pixel, or one of the two whose width differs from task to task.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a head",
    label = "not a head",
    note = "write `Linear<IN, OUT>` or `Conv2D<IN, OUT, KERNEL>` where all tasks have the same width, else `PerTaskLinear<IN>` or `PerTaskConv2D<IN, KERNEL>`"
)]
pub trait HeadLayer {
    /// What the head is.
    const HEAD: HeadSpec;
}

/// What a head is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadSpec {
    /// Features or channels in.
    pub input: usize,
    /// Width, if it is the same for all tasks.
    pub width: Option<usize>,
    /// Which layer it is.
    pub kind: HeadKind,
}

/// Which layer a head is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HeadKind {
    /// A dense layer: one prediction for an example.
    #[default]
    Linear,
    /// A convolution: one prediction at each pixel of what it gives.
    PerPixel {
        /// Rows and columns of the kernel.
        kernel: usize,
        /// Step of the window, the same both ways.
        stride: usize,
        /// Treatment of the borders.
        padding: Padding,
    },
}

impl HeadKind {
    /// True for a dense layer.
    pub const fn is_linear(&self) -> bool {
        matches!(self, Self::Linear)
    }

    /// The layer from `input` features or channels to `output`.
    pub const fn spec(self, input: usize, output: usize) -> Spec {
        match self {
            Self::Linear => Spec::Linear(LinearSpec { input, output }),
            Self::PerPixel {
                kernel,
                stride,
                padding,
            } => Spec::Conv2D(Conv {
                input,
                output,
                kernel_height: kernel,
                kernel_width: kernel,
                stride,
                padding,
            }),
        }
    }
}

impl<const I: usize, const O: usize> HeadLayer for Linear<I, O> {
    const HEAD: HeadSpec = HeadSpec {
        input: I,
        width: Some(O),
        kind: HeadKind::Linear,
    };
}

impl<const I: usize> HeadLayer for PerTaskLinear<I> {
    const HEAD: HeadSpec = HeadSpec {
        input: I,
        width: None,
        kind: HeadKind::Linear,
    };
}

impl<const I: usize, const O: usize, const K: usize, const S: usize, P: PaddingType> HeadLayer
    for Conv2D<I, O, K, S, P>
{
    const HEAD: HeadSpec = HeadSpec {
        input: I,
        width: Some(O),
        kind: per_pixel::<P>(K, S),
    };
}

impl<const I: usize, const K: usize, const S: usize, P: PaddingType> HeadLayer
    for PerTaskConv2D<I, K, S, P>
{
    const HEAD: HeadSpec = HeadSpec {
        input: I,
        width: None,
        kind: per_pixel::<P>(K, S),
    };
}

const fn per_pixel<P: PaddingType>(kernel: usize, stride: usize) -> HeadKind {
    HeadKind::PerPixel {
        kernel,
        stride,
        padding: P::PADDING,
    }
}
