//! Convolutions.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use super::layer_spec::LayerSpec;
use super::operation::{ConvOperation, Kind};
use super::padding::{PaddingType, Valid, short_window, write_stride};
use super::parameter::ParameterSpec;
use super::shape_error::{Checked, Problem, wrong};
use super::window::{Window, check_window};
use super::{Layer, Spec};
use crate::network::shape::{Dims, Padding};

/// Convolution with bias: `IN x H x W` to `OUT x H' x W'`, whose rows and columns
/// [`Valid`](super::Valid) and [`Same`](super::Same) give.
///
/// ```
/// use paramalloc_core::layers::check::check;
/// use paramalloc_core::prelude::*;
///
/// let output = check(&Conv2D::<3, 8, 3, 2, Same>::SPEC, Dims::image(3, 32, 32)).output;
/// assert_eq!(output, Dims::image(8, 16, 16));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Conv2D<
    const IN: usize,
    const OUT: usize,
    const KERNEL: usize,
    const STRIDE: usize = 1,
    P = Valid,
>(PhantomData<P>);

impl<const I: usize, const O: usize, const K: usize, const S: usize, P: PaddingType> Layer
    for Conv2D<I, O, K, S, P>
{
    const SPEC: Spec = <RectConv2D<I, O, K, K, S, P> as Layer>::SPEC;
}

/// The head of a network that predicts at each pixel and whose tasks differ in
/// width: `IN` channels to as many outputs as each task has. Use [`Conv2D`] where
/// the width is the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct PerTaskConv2D<
    const IN: usize,
    const KERNEL: usize = 1,
    const STRIDE: usize = 1,
    P = Valid,
>(PhantomData<P>);

/// [`Conv2D`] with a kernel of `ROWS x COLUMNS`.
#[derive(Clone, Copy, Debug, Default)]
pub struct RectConv2D<
    const IN: usize,
    const OUT: usize,
    const ROWS: usize,
    const COLUMNS: usize,
    const STRIDE: usize = 1,
    P = Valid,
>(PhantomData<P>);

impl<const I: usize, const O: usize, const R: usize, const C: usize, const S: usize, P: PaddingType>
    Layer for RectConv2D<I, O, R, C, S, P>
{
    const SPEC: Spec = Spec::Conv2D(Conv {
        input: I,
        output: O,
        kernel_height: R,
        kernel_width: C,
        stride: S,
        padding: P::PADDING,
    });
}

/// A convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conv {
    /// Channels in.
    pub input: usize,
    /// Channels (filters) out.
    pub output: usize,
    /// Rows of the kernel.
    pub kernel_height: usize,
    /// Columns of the kernel.
    pub kernel_width: usize,
    /// Step of the window, the same both ways.
    pub stride: usize,
    /// Treatment of the borders.
    pub padding: Padding,
}

impl Conv {
    pub(super) const fn kind(&self) -> &'static str {
        if self.kernel_height == self.kernel_width {
            "Conv2D"
        } else {
            "RectConv2D"
        }
    }

    pub(super) const fn check(&self, input: Dims) -> Checked<'static> {
        let checked = check_window(self.output, self.kernel(), self.stride, self.padding, input);
        if checked.error.is_some() {
            return checked;
        }
        if self.input == 0 {
            return wrong(Problem::Zero, input, checked.output);
        }
        if self.input != input.channels {
            return wrong(Problem::Channels(self.input), input, checked.output);
        }
        checked
    }

    const fn kernel(&self) -> (usize, usize) {
        (self.kernel_height, self.kernel_width)
    }
}

impl LayerSpec for Conv {
    fn short_name(&self) -> Option<String> {
        Some(short_window("conv", self.kernel(), self.stride))
    }

    fn parameters(&self) -> Vec<ParameterSpec> {
        let (rows, columns) = self.kernel();
        let shape = vec![self.output, self.input, rows, columns];
        vec![
            ParameterSpec::weight(shape, self.input, self.output, rows.saturating_mul(columns)),
            ParameterSpec::bias(self.output),
        ]
    }

    fn operation(&self, input: Dims) -> Option<Kind> {
        Some(Kind::Conv(ConvOperation {
            input: self.input,
            output: self.output,
            window: Window::new(self.kernel(), self.stride, self.padding, input),
        }))
    }
}

impl fmt::Display for Conv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (i, o, rows, columns) = (
            self.input,
            self.output,
            self.kernel_height,
            self.kernel_width,
        );
        write!(f, "{}<{i}, {o}, {rows}", self.kind())?;
        if rows != columns {
            write!(f, ", {columns}")?;
        }
        write_stride(self.stride, 1, self.padding, f)
    }
}
