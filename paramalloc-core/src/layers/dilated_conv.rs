//! Dilated convolutions.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use super::layer_spec::LayerSpec;
use super::operation::{ConvOperation, Kind, SplitConvOperation};
use super::padding::{PaddingType, Valid};
use super::parameter::ParameterSpec;
use super::shape_error::{Checked, Problem, wrong};
use super::window::{Window, check_window};
use super::{Layer, Spec};
use crate::network::shape::{Dims, Padding};

/// Convolution with bias whose cells are `DILATION` rows and columns apart, so
/// that a kernel of `KERNEL` covers `(KERNEL - 1) * DILATION + 1`; stride 1.
/// `IN x H x W` to `OUT x H' x W'`.
///
/// ```
/// use paramalloc_core::prelude::*;
///
/// #[multitask(input = (1, 16, 16), tasks = 2)]
/// struct Net {
///     #[routed(2)]
///     conv: (DilatedConv2D<1, 8, 3, 4>, ReLU), // 8x8x8
///     pool: GlobalAvgPool2D,
///     #[head(classes = 3)]
///     head: Linear<8, 3>,
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct DilatedConv2D<
    const IN: usize,
    const OUT: usize,
    const KERNEL: usize,
    const DILATION: usize,
    P = Valid,
>(PhantomData<P>);

impl<const I: usize, const O: usize, const K: usize, const D: usize, P: PaddingType> Layer
    for DilatedConv2D<I, O, K, D, P>
{
    const SPEC: Spec = Spec::DilatedConv2D(DilatedConv {
        input: I,
        output: O,
        kernel: K,
        dilation: D,
        padding: P::PADDING,
    });
}

/// A dilated convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DilatedConv {
    /// Channels in.
    pub input: usize,
    /// Channels (filters) out.
    pub output: usize,
    /// Rows and columns of the kernel.
    pub kernel: usize,
    /// Distance of neighboring cells of the kernel, in rows and columns.
    pub dilation: usize,
    /// Treatment of the borders.
    pub padding: Padding,
}

impl DilatedConv {
    pub(super) const fn kind(&self) -> &'static str {
        "DilatedConv2D"
    }

    pub(super) const fn check(&self, input: Dims) -> Checked<'static> {
        if self.kernel == 0 || self.dilation == 0 || self.input == 0 {
            return wrong(Problem::Zero, input, Dims::UNKNOWN);
        }
        let covered = (self.covered(), self.covered());
        let checked = check_window(self.output, covered, 1, self.padding, input);
        if checked.error.is_none() && self.input != input.channels {
            return wrong(Problem::Channels(self.input), input, checked.output);
        }
        checked
    }

    /// Rows and columns that a window covers.
    const fn covered(&self) -> usize {
        (self.kernel - 1)
            .saturating_mul(self.dilation)
            .saturating_add(1)
    }
}

impl LayerSpec for DilatedConv {
    fn short_name(&self) -> Option<String> {
        let (kernel, dilation) = (self.kernel, self.dilation);
        Some(format!("conv{kernel}x{kernel}@{dilation}"))
    }

    fn parameters(&self) -> Vec<ParameterSpec> {
        let shape = vec![self.output, self.input, self.kernel, self.kernel];
        let cells = self.kernel.saturating_mul(self.kernel);
        vec![
            ParameterSpec::weight(shape, self.input, self.output, cells),
            ParameterSpec::bias(self.output),
        ]
    }

    fn operation(&self, input: Dims) -> Option<Kind> {
        let covered = (self.covered(), self.covered());
        let window = Window {
            kernel: (self.kernel, self.kernel),
            ..Window::new(covered, 1, self.padding, input)
        };
        Some(Kind::SplitConv(SplitConvOperation {
            conv: ConvOperation {
                input: self.input,
                output: self.output,
                window,
            },
            groups: 1,
            dilation: self.dilation,
        }))
    }
}

impl fmt::Display for DilatedConv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (i, o, k, d) = (self.input, self.output, self.kernel, self.dilation);
        write!(f, "DilatedConv2D<{i}, {o}, {k}, {d}")?;
        match self.padding {
            Padding::Valid => f.write_str(">"),
            Padding::Same => f.write_str(", Same>"),
        }
    }
}
