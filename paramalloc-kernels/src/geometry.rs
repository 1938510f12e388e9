//! The numbers of one convolution or pooling, and images with zero borders.

use super::simd::Lane;
use crate::shape::{Axis, Dims, Padding, window};

/// A window over an image. There is no way to make one but
/// [`Geometry::new`], which checks that the numbers fit each other: the
/// convolutions read without bounds checks what these numbers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Channels in.
    pub(super) input: usize,
    /// Channels out.
    pub(super) output: usize,
    /// Rows and columns of the input.
    pub(super) size: (usize, usize),
    /// Rows and columns of the output.
    pub(super) out: (usize, usize),
    /// Rows and columns of the window.
    pub(super) kernel: (usize, usize),
    /// Step of the window.
    pub(super) stride: usize,
    /// Zero rows and columns before the image.
    pub(super) before: (usize, usize),
}

impl Geometry {
    /// From what the plan says of an operation: channels, rows and columns in
    /// and out, rows and columns of the window, its step, and the axes that
    /// [`window`] gives for rows and columns.
    ///
    /// # Panics
    /// If a number is 0, an axis is not what [`window`] gives for these sizes
    /// and a padding, or the values of one group of images have no place in
    /// memory.
    pub fn new(
        input: Dims,
        output: Dims,
        kernel: (usize, usize),
        stride: usize,
        axes: (Axis, Axis),
    ) -> Self {
        let geometry = Self {
            input: input.channels,
            output: output.channels,
            size: (input.height, input.width),
            out: (output.height, output.width),
            kernel,
            stride,
            before: (axes.0.before, axes.1.before),
        };
        assert!(
            fits(input.height, kernel.0, stride, axes.0)
                && fits(input.width, kernel.1, stride, axes.1)
                && geometry.out == (axes.0.output, axes.1.output),
            "no window of {kernel:?} by steps of {stride} makes {output} of {input}"
        );
        assert!(
            geometry.has_a_place().is_some(),
            "a window from {input} to {output} is too large for the memory"
        );
        geometry
    }

    /// Some if all lengths, in bytes of [`Lane`]s, can be counted.
    fn has_a_place(&self) -> Option<()> {
        let bytes = |factors: [usize; 4]| {
            let product = |p: usize, factor: &usize| p.checked_mul(*factor);
            let bytes = factors.iter().try_fold(size_of::<Lane>(), product)?;
            (isize::try_from(bytes).is_ok() && !factors.contains(&0)).then_some(())
        };
        let (rows, columns) = self.padded();
        let bordered = (self.out.1).checked_add(self.gradient_border().checked_mul(2)?)?;
        bytes([self.input, rows, columns, 1])?;
        bytes([self.output, self.out.0, bordered, 1])?;
        bytes([self.output, self.input, self.kernel.0, self.kernel.1])?;
        // The scratch of a weight gradient.
        bytes([8, self.input, self.kernel.0, self.kernel.1])
    }

    /// Channels in.
    pub fn input(&self) -> usize {
        self.input
    }

    /// Channels out.
    pub fn output(&self) -> usize {
        self.output
    }

    /// Rows and columns of the output.
    pub fn out(&self) -> (usize, usize) {
        self.out
    }

    /// Rows and columns of the window.
    pub fn kernel(&self) -> (usize, usize) {
        self.kernel
    }

    /// Zero rows and columns before the image.
    pub fn before(&self) -> (usize, usize) {
        self.before
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

    /// Lanes of scratch that the gradient of these weights takes: for tiles of
    /// eight channels.
    pub fn scratch_len(&self) -> usize {
        8 * self.input * self.kernel.0 * self.kernel.1
    }

    /// Zero columns to put on both sides of a gradient of the output so that
    /// every input pixel finds all windows that it might be in. Rows need
    /// none: a kernel leaves out those that do not exist.
    pub fn gradient_border(&self) -> usize {
        (self.kernel.1 - 1).div_ceil(self.stride)
    }

    /// Values of a gradient of the output with that border.
    pub fn bordered_gradient_len(&self) -> usize {
        self.output * self.out.0 * (self.out.1 + 2 * self.gradient_border())
    }
}

/// True if `axis` is what [`window`] gives for one of the paddings.
fn fits(size: usize, kernel: usize, stride: usize, axis: Axis) -> bool {
    // `window` takes it for granted that this sum can be counted.
    let sum = size.checked_add(kernel).and_then(|n| n.checked_add(stride));
    let given = |padding| window(size, kernel, stride, padding) == Some(axis);
    sum.is_some() && (given(Padding::Valid) || given(Padding::Same))
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

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    const GOOD: Axis = Axis {
        output: 3,
        before: 1,
    };

    /// True if there is such a window of 3 by steps of `stride` over images of
    /// `channels` channels and one row, with these columns.
    fn is_made(channels: usize, columns: usize, kernel: usize, stride: usize, axis: Axis) -> bool {
        let row = Axis {
            output: 1,
            before: 0,
        };
        let input = Dims::image(channels, 1, columns);
        let output = Dims::image(channels, 1, axis.output);
        catch_unwind(|| Geometry::new(input, output, (1, kernel), stride, (row, axis))).is_ok()
    }

    #[test]
    fn a_window_that_would_read_elsewhere_cannot_be_made() {
        assert!(is_made(2, 5, 3, 2, GOOD));
        let before = |before| Axis { before, ..GOOD };
        let output = |output| Axis { output, ..GOOD };
        assert!(!is_made(2, 5, 3, 2, before(1000)), "far before the image");
        assert!(!is_made(2, 5, 3, 2, before(usize::MAX)), "overflow");
        assert!(!is_made(2, 5, 3, 2, output(4)), "behind the image");
        assert!(!is_made(2, 100, 3, 2, output(1)), "columns without window");
        assert!(!is_made(2, 5, 3, 0, GOOD), "no step");
        assert!(!is_made(2, 5, usize::MAX, 2, GOOD), "overflow");
        assert!(!is_made(0, 5, 3, 2, GOOD), "no channel");
        assert!(!is_made(usize::MAX / 100, 5, 3, 2, GOOD), "too large");
        let other = Dims::image(2, 1, 4);
        let row = window(1, 1, 2, Padding::Same).unwrap();
        let made = || Geometry::new(Dims::image(2, 1, 5), other, (1, 3), 2, (row, GOOD));
        assert!(catch_unwind(made).is_err(), "another output");
    }
}
