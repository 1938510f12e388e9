//! The numbers of one convolution or pooling, and images with zero borders.

use super::simd::Lane;
use crate::shape::{Axis, Dims};

/// A window over an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Channels in.
    pub input: usize,
    /// Channels out.
    pub output: usize,
    /// Rows and columns of the input.
    pub size: (usize, usize),
    /// Rows and columns of the output.
    pub out: (usize, usize),
    /// Rows and columns of the window.
    pub kernel: (usize, usize),
    /// Step of the window.
    pub stride: usize,
    /// Zero rows and columns before the image.
    pub before: (usize, usize),
}

impl Geometry {
    /// From what the plan says of an operation.
    pub fn new(
        input: Dims,
        output: Dims,
        kernel: (usize, usize),
        stride: usize,
        axes: (Axis, Axis),
    ) -> Self {
        Self {
            input: input.channels,
            output: output.channels,
            size: (input.height, input.width),
            out: (output.height, output.width),
            kernel,
            stride,
            before: (axes.0.before, axes.1.before),
        }
    }

    /// Size of the input with the borders that the windows reach; a stride
    /// may leave the last rows and columns unread.
    pub fn padded(&self) -> (usize, usize) {
        let need = |out: usize, kernel: usize| (out - 1) * self.stride + kernel;
        let rows = need(self.out.0, self.kernel.0).max(self.before.0 + self.size.0);
        let columns = need(self.out.1, self.kernel.1).max(self.before.1 + self.size.1);
        (rows, columns)
    }

    /// True if the windows reach over the borders.
    pub fn needs_padding(&self) -> bool {
        self.padded() != self.size
    }

    /// Values of one example going in.
    pub fn input_len(&self) -> usize {
        self.input * self.size.0 * self.size.1
    }

    /// Values of one example coming out.
    pub fn output_len(&self) -> usize {
        self.output * self.out.0 * self.out.1
    }

    /// Values of one example going in, borders included.
    pub fn padded_len(&self) -> usize {
        let (rows, columns) = self.padded();
        self.input * rows * columns
    }

    /// Weights of a convolution with this window.
    pub fn weights(&self) -> usize {
        self.output * self.input * self.kernel.0 * self.kernel.1
    }

    /// Zero columns to put on both sides of a gradient of the output so that
    /// every input pixel finds all windows that it might be in. Rows need
    /// none: a kernel leaves out those that do not exist.
    pub(super) fn gradient_border(&self) -> usize {
        (self.kernel.1 - 1).div_ceil(self.stride)
    }

    /// Values of a gradient of the output with that border.
    pub fn bordered_gradient_len(&self) -> usize {
        self.output * self.out.0 * (self.out.1 + 2 * self.gradient_border())
    }
}

/// Copies planes of `size` into the middle of zeroed planes of `padded`.
pub(super) fn pad(
    x: &[Lane],
    planes: usize,
    size: (usize, usize),
    padded: (usize, usize),
    before: (usize, usize),
    out: &mut [Lane],
) {
    out[..planes * padded.0 * padded.1].fill(Lane::ZERO);
    for plane in 0..planes {
        for row in 0..size.0 {
            let from = (plane * size.0 + row) * size.1;
            let to = (plane * padded.0 + before.0 + row) * padded.1 + before.1;
            out[to..to + size.1].copy_from_slice(&x[from..from + size.1]);
        }
    }
}

/// Copies an input into `out` with the borders that the windows reach.
pub fn pad_input(g: &Geometry, x: &[Lane], out: &mut [Lane]) {
    pad(x, g.input, g.size, g.padded(), g.before, out);
}

/// Copies a gradient of the output into `out` with a border for
/// [`super::conv_backward::input_gradient`].
pub fn border_gradient(g: &Geometry, gradient: &[Lane], out: &mut [Lane]) {
    let border = g.gradient_border();
    let padded = (g.out.0, g.out.1 + 2 * border);
    pad(gradient, g.output, g.out, padded, (0, border), out);
}
