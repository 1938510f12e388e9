//! Layers whose input is added to what they give.

use std::borrow::Cow;
use std::marker::PhantomData;

use super::conv::Conv;
use super::linear::LinearSpec;
use super::message::Message;
use super::shape_error::{Checked, Problem, fits, wrong};
use super::{Layer, Spec};
use crate::network::shape::{Dims, Padding};

/// `layers(x) + x`, for a layer or a tuple of layers: the output has the shape
/// that they give. Where that is not the input's, `x` goes through a 1x1
/// convolution with bias, of the stride that the layers have together (for
/// features, a dense layer): the projection, which is part of the field as the
/// layers are (He et al., "Deep Residual Learning for Image Recognition", option
/// B). A ReLU after the sum is a layer after it.
///
/// ```
/// use paramalloc_core::prelude::*;
///
/// #[multitask(input = (3, 16, 16))]
/// struct Net {
///     stem: Conv2D<3, 8, 3, 1, Same>,
///     #[routed(4)]
///     block: (
///         Residual<(Conv2D<8, 16, 3, 2, Same>, ReLU, Conv2D<16, 16, 3, 1, Same>)>,
///         ReLU,
///     ),
///     pool: GlobalAvgPool2D,
///     #[head(classes = 5)]
///     head: Linear<16, 5>,
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Residual<T>(PhantomData<T>);

impl<T: Layer> Layer for Residual<T> {
    const SPEC: Spec = Spec::Residual(Cow::Borrowed(&[T::SPEC]));
}

/// What makes a residual's input what is added to its output.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Projection {
    /// Nothing.
    None,
    /// A convolution.
    Conv(Conv),
    /// A dense layer.
    Linear(LinearSpec),
}

/// The output of a residual whose layers make `given` of `input`.
pub(super) const fn check_sum<'a>(input: Dims, given: Dims) -> Checked<'a> {
    if input.is_empty() || given.is_empty() {
        return fits(given);
    }
    let can = match (input.is_image, given.is_image) {
        (true, true) => stride(input, given).is_some(),
        (same, other) => same == other,
    };
    if can {
        return fits(given);
    }
    let message = Message::new().text("adds its input, ").shape(input);
    let message = message.text(", to what its layers give, ").shape(given);
    let message = match input.is_image == given.is_image {
        true => message.text(
            ", but no stride of a 1x1 convolution makes one of the other; write padding `Same` inside",
        ),
        false => message.text("; write `Flatten2D` before or after it, not inside"),
    };
    wrong(Problem::Own(message), input, given)
}

/// The stride of the 1x1 convolution from images of shape `input` to `output`.
const fn stride(input: Dims, output: Dims) -> Option<usize> {
    let mut stride = 1;
    while stride <= input.height || stride <= input.width {
        let rows = input.height.div_ceil(stride);
        let columns = input.width.div_ceil(stride);
        if rows == output.height && columns == output.width {
            return Some(stride);
        }
        stride += 1;
    }
    None
}

/// The projection of a residual from `input` to `output`, which
/// [`check_sum`] accepts.
pub(crate) fn projection(input: Dims, output: Dims) -> Projection {
    if input.same(output) {
        return Projection::None;
    }
    match stride(input, output).filter(|_| input.is_image) {
        Some(stride) => Projection::Conv(Conv {
            input: input.channels,
            output: output.channels,
            kernel_height: 1,
            kernel_width: 1,
            stride,
            padding: Padding::Valid,
        }),
        None => Projection::Linear(LinearSpec {
            input: input.len(),
            output: output.len(),
        }),
    }
}
