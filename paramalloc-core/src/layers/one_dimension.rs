//! Convolution and pooling along one axis. A signal of `C` channels and `L`
//! steps is an image of one row: `C x 1 x L`.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use super::layer_spec::LayerSpec;
use super::message::Message;
use super::operation::{ConvOperation, Kind, PoolKind, PoolOperation};
use super::padding::{PaddingType, Valid, write_stride};
use super::parameter::ParameterSpec;
use super::shape_error::{Checked, Problem, wrong};
use super::window::{Window, check_window};
use super::{Layer, Spec};
use crate::network::shape::{Dims, Padding};

/// Convolution with bias along one axis: `IN x 1 x L` to `OUT x 1 x L'`. A
/// network of signals has `input = (channels, 1, steps)`.
///
/// ```
/// use paramalloc_core::prelude::*;
///
/// #[multitask(input = (2, 1, 64), tasks = 2)]
/// struct Net {
///     #[routed(2)]
///     conv: (Conv1D<2, 8, 5>, ReLU, MaxPool1D<4>), // 8x1x15
///     flatten: Flatten2D,
///     #[head(classes = 3)]
///     head: Linear<120, 3>,
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Conv1D<
    const IN: usize,
    const OUT: usize,
    const KERNEL: usize,
    const STRIDE: usize = 1,
    P = Valid,
>(PhantomData<P>);

/// Mean of each window along one axis: `C x 1 x L` to `C x 1 x L'`. Padding
/// does not count. The stride is the kernel unless given.
#[derive(Clone, Copy, Debug, Default)]
pub struct AvgPool1D<const KERNEL: usize, const STRIDE: usize = KERNEL, P = Valid>(PhantomData<P>);

/// Maximum of each window along one axis: `C x 1 x L` to `C x 1 x L'`. Padding
/// does not count. The stride is the kernel unless given.
#[derive(Clone, Copy, Debug, Default)]
pub struct MaxPool1D<const KERNEL: usize, const STRIDE: usize = KERNEL, P = Valid>(PhantomData<P>);

/// A layer whose window slides along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlongAxis {
    /// What a window computes.
    pub kind: AxisKind,
    /// Steps that a window covers.
    pub kernel: usize,
    /// Step of the window.
    pub stride: usize,
    /// Treatment of the borders.
    pub padding: Padding,
}

/// What a window along one axis computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AxisKind {
    /// A convolution.
    Conv {
        /// Channels in.
        input: usize,
        /// Channels (filters) out.
        output: usize,
    },
    /// Pooling.
    Pool(PoolKind),
}

impl<const I: usize, const O: usize, const K: usize, const S: usize, P: PaddingType> Layer
    for Conv1D<I, O, K, S, P>
{
    const SPEC: Spec = Spec::Along(AlongAxis {
        kind: AxisKind::Conv {
            input: I,
            output: O,
        },
        kernel: K,
        stride: S,
        padding: P::PADDING,
    });
}

impl<const K: usize, const S: usize, P: PaddingType> Layer for AvgPool1D<K, S, P> {
    const SPEC: Spec = Spec::Along(AlongAxis {
        kind: AxisKind::Pool(PoolKind::Average),
        kernel: K,
        stride: S,
        padding: P::PADDING,
    });
}

impl<const K: usize, const S: usize, P: PaddingType> Layer for MaxPool1D<K, S, P> {
    const SPEC: Spec = Spec::Along(AlongAxis {
        kind: AxisKind::Pool(PoolKind::Max),
        kernel: K,
        stride: S,
        padding: P::PADDING,
    });
}

impl AlongAxis {
    pub(super) const fn kind(&self) -> &'static str {
        match self.kind {
            AxisKind::Conv { .. } => "Conv1D",
            AxisKind::Pool(PoolKind::Average) => "AvgPool1D",
            AxisKind::Pool(PoolKind::Max) => "MaxPool1D",
        }
    }

    pub(super) const fn check(&self, input: Dims) -> Checked<'static> {
        let channels = match self.kind {
            AxisKind::Conv { output, .. } => output,
            AxisKind::Pool(_) => input.channels,
        };
        let kernel = (1, self.kernel);
        let checked = check_window(channels, kernel, self.stride, self.padding, input);
        if checked.error.is_some() {
            return checked;
        }
        if input.height != 1 {
            let message = Message::new().text("takes a signal of one row, but is given ");
            let message = message.shape(input).text("; write a layer for images");
            return wrong(Problem::Own(message), input, Dims::UNKNOWN);
        }
        match self.kind {
            AxisKind::Conv { input: 0, .. } => wrong(Problem::Zero, input, checked.output),
            AxisKind::Conv { input: n, .. } if n != input.channels => {
                wrong(Problem::Channels(n), input, checked.output)
            }
            _ => checked,
        }
    }
}

impl LayerSpec for AlongAxis {
    fn short_name(&self) -> Option<String> {
        let name = match self.kind {
            AxisKind::Conv { .. } => "conv",
            AxisKind::Pool(PoolKind::Average) => "avgpool",
            AxisKind::Pool(PoolKind::Max) => "maxpool",
        };
        Some(match self.stride {
            1 => format!("{name}{}", self.kernel),
            stride => format!("{name}{}/{stride}", self.kernel),
        })
    }

    fn parameters(&self) -> Vec<ParameterSpec> {
        let AxisKind::Conv { input, output } = self.kind else {
            return Vec::new();
        };
        let shape = vec![output, input, self.kernel];
        vec![
            ParameterSpec::weight(shape, input, output, self.kernel),
            ParameterSpec::bias(output),
        ]
    }

    fn operation(&self, input: Dims) -> Option<Kind> {
        let window = Window::new((1, self.kernel), self.stride, self.padding, input);
        Some(match self.kind {
            AxisKind::Conv { input, output } => Kind::Conv(ConvOperation {
                input,
                output,
                window,
            }),
            AxisKind::Pool(kind) => Kind::Pool(PoolOperation { kind, window }),
        })
    }
}

impl fmt::Display for AlongAxis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, kernel) = (self.kind(), self.kernel);
        let default = match self.kind {
            AxisKind::Conv { input, output } => {
                write!(f, "{name}<{input}, {output}, {kernel}")?;
                1
            }
            AxisKind::Pool(_) => {
                write!(f, "{name}<{kernel}")?;
                kernel
            }
        };
        write_stride(self.stride, default, self.padding, f)
    }
}
