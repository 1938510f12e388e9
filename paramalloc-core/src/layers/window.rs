//! Windows over images: of convolutions, of pooling and of users' layers.

use super::shape_error::{Checked, Problem, fits, wrong};
use crate::network::shape::{Axis, Dims, Padding, window};

/// A window with its borders resolved for an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Rows and columns of the kernel.
    pub kernel: (usize, usize),
    /// Step of the window, the same both ways.
    pub stride: usize,
    /// The rows of the output.
    pub rows: Axis,
    /// The columns of the output.
    pub columns: Axis,
}

impl Window {
    /// The window over an image of shape `input`; with no rows or columns of
    /// output if it does not fit.
    pub(crate) const fn new(
        kernel: (usize, usize),
        stride: usize,
        padding: Padding,
        input: Dims,
    ) -> Self {
        Self {
            kernel,
            stride,
            rows: axis(input.height, kernel.0, stride, padding),
            columns: axis(input.width, kernel.1, stride, padding),
        }
    }

    /// The shape of `channels` channels of output.
    pub(crate) const fn output(&self, channels: usize) -> Dims {
        Dims::image(channels, self.rows.output, self.columns.output)
    }
}

const fn axis(size: usize, kernel: usize, stride: usize, padding: Padding) -> Axis {
    match window(size, kernel, stride, padding) {
        Some(axis) => axis,
        None => Axis {
            output: 0,
            before: 0,
        },
    }
}

/// The shape rule of a window that gives `channels` channels.
pub(crate) const fn check_window(
    channels: usize,
    kernel: (usize, usize),
    stride: usize,
    padding: Padding,
    input: Dims,
) -> Checked<'static> {
    if !input.is_image {
        return wrong(Problem::NeedsImage, input, Dims::UNKNOWN);
    }
    if channels == 0 || kernel.0 == 0 || kernel.1 == 0 || stride == 0 {
        return wrong(Problem::Zero, input, Dims::UNKNOWN);
    }
    let output = Window::new(kernel, stride, padding, input).output(channels);
    if output.is_empty() {
        let problem = Problem::KernelTooLarge(kernel.0, kernel.1);
        return wrong(problem, input, Dims::UNKNOWN);
    }
    fits(output)
}
