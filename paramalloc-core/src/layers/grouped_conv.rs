//! Convolutions in groups of channels.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use super::layer_spec::LayerSpec;
use super::message::Message;
use super::operation::{ConvOperation, Kind, SplitConvOperation};
use super::padding::{PaddingType, Valid, short_window, write_stride};
use super::parameter::ParameterSpec;
use super::shape_error::{Checked, Problem, wrong};
use super::window::{Window, check_window};
use super::{Layer, Spec};
use crate::network::shape::{Dims, Padding};

/// Convolution with bias in groups: each of `GROUPS` parts of the input
/// channels is seen by one part of the filters only. `IN x H x W` to
/// `OUT x H' x W'`; `GROUPS` divides `IN` and `OUT`.
///
/// ```
/// use paramalloc_core::prelude::*;
///
/// #[multitask(input = (8, 12, 12), tasks = 2)]
/// struct Net {
///     #[routed(4)]
///     conv: (GroupedConv2D<8, 16, 3, 4>, ReLU),
///     pool: GlobalAvgPool2D,
///     #[head(classes = 3)]
///     head: Linear<16, 3>,
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct GroupedConv2D<
    const IN: usize,
    const OUT: usize,
    const KERNEL: usize,
    const GROUPS: usize,
    const STRIDE: usize = 1,
    P = Valid,
>(PhantomData<P>);

impl<const I: usize, const O: usize, const K: usize, const G: usize, const S: usize, P: PaddingType>
    Layer for GroupedConv2D<I, O, K, G, S, P>
{
    const SPEC: Spec = Spec::GroupedConv2D(GroupedConv {
        input: I,
        output: O,
        kernel: K,
        groups: G,
        stride: S,
        padding: P::PADDING,
    });
}

/// Convolution with bias of each channel by a filter of its own: `C x H x W` to
/// `C x H' x W'`. With a [`Conv2D`](super::Conv2D) of kernel 1 behind it, it is
/// a depthwise separable convolution.
///
/// ```
/// use paramalloc_core::prelude::*;
///
/// #[multitask(input = (8, 12, 12), tasks = 2)]
/// struct Net {
///     #[routed(4)]
///     conv: (DepthwiseConv2D<8, 3, 1, Same>, ReLU, Conv2D<8, 16, 1>, ReLU),
///     pool: GlobalAvgPool2D,
///     #[head(classes = 3)]
///     head: Linear<16, 3>,
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct DepthwiseConv2D<
    const CHANNELS: usize,
    const KERNEL: usize,
    const STRIDE: usize = 1,
    P = Valid,
>(PhantomData<P>);

impl<const C: usize, const K: usize, const S: usize, P: PaddingType> Layer
    for DepthwiseConv2D<C, K, S, P>
{
    const SPEC: Spec = <GroupedConv2D<C, C, K, C, S, P> as Layer>::SPEC;
}

/// A convolution in groups of channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupedConv {
    /// Channels in.
    pub input: usize,
    /// Channels (filters) out.
    pub output: usize,
    /// Rows and columns of the kernel.
    pub kernel: usize,
    /// Groups; divides `input` and `output`.
    pub groups: usize,
    /// Step of the window, the same both ways.
    pub stride: usize,
    /// Treatment of the borders.
    pub padding: Padding,
}

impl GroupedConv {
    pub(super) const fn kind(&self) -> &'static str {
        match self.is_depthwise() {
            true => "DepthwiseConv2D",
            false => "GroupedConv2D",
        }
    }

    pub(super) const fn check(&self, input: Dims) -> Checked<'static> {
        let kernel = (self.kernel, self.kernel);
        let checked = check_window(self.output, kernel, self.stride, self.padding, input);
        if checked.error.is_some() {
            return checked;
        }
        if self.input == 0 || self.groups == 0 {
            return wrong(Problem::Zero, input, checked.output);
        }
        let divides = self.input.is_multiple_of(self.groups);
        if !(divides && self.output.is_multiple_of(self.groups)) {
            let message = Message::new().text("has ").count(self.groups, "group");
            let message = message.text(" for ").count(self.input, "input channel");
            let message = message.text(" and ").count(self.output, "filter");
            let message = message.text("; write a number of groups that divides both");
            return wrong(Problem::Own(message), input, checked.output);
        }
        if self.input != input.channels {
            return wrong(Problem::Channels(self.input), input, checked.output);
        }
        checked
    }

    const fn is_depthwise(&self) -> bool {
        self.groups == self.input && self.groups == self.output
    }
}

impl LayerSpec for GroupedConv {
    fn short_name(&self) -> Option<String> {
        let name = match self.is_depthwise() {
            true => "depthwise",
            false => "groupedconv",
        };
        Some(short_window(name, (self.kernel, self.kernel), self.stride))
    }

    fn parameters(&self) -> Vec<ParameterSpec> {
        let (inputs, outputs) = (self.input / self.groups, self.output / self.groups);
        let shape = vec![self.output, inputs, self.kernel, self.kernel];
        vec![
            ParameterSpec::weight(
                shape,
                inputs,
                outputs,
                self.kernel.saturating_mul(self.kernel),
            ),
            ParameterSpec::bias(self.output),
        ]
    }

    fn operation(&self, input: Dims) -> Option<Kind> {
        let kernel = (self.kernel, self.kernel);
        Some(Kind::SplitConv(SplitConvOperation {
            conv: ConvOperation {
                input: self.input,
                output: self.output,
                window: Window::new(kernel, self.stride, self.padding, input),
            },
            groups: self.groups,
            dilation: 1,
        }))
    }
}

impl fmt::Display for GroupedConv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (i, o, k, groups) = (self.input, self.output, self.kernel, self.groups);
        match self.is_depthwise() {
            true => write!(f, "DepthwiseConv2D<{i}, {k}")?,
            false => write!(f, "GroupedConv2D<{i}, {o}, {k}, {groups}")?,
        }
        write_stride(self.stride, 1, self.padding, f)
    }
}
