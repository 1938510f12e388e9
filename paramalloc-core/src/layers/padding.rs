//! The padding of a window as a type, and how a window is written.

use std::fmt;

use crate::network::shape::Padding;

/// Treatment of an image's borders, as a type: [`Valid`] or [`Same`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a padding",
    label = "write `Valid` or `Same`"
)]
pub trait PaddingType {
    /// The padding.
    const PADDING: Padding;
}

/// No padding: `floor((size - kernel) / stride) + 1` rows or columns.
#[derive(Clone, Copy, Debug, Default)]
pub struct Valid;

/// `ceil(size / stride)` rows or columns, the smaller half of the padding before, as in
/// TensorFlow: where an odd number is added, the last one is at the end. PyTorch's
/// `padding=1` differs from it where a stride of 2 meets an even size.
#[derive(Clone, Copy, Debug, Default)]
pub struct Same;

impl PaddingType for Valid {
    const PADDING: Padding = Padding::Valid;
}

impl PaddingType for Same {
    const PADDING: Padding = Padding::Same;
}

/// Writes the stride, unless it is the `default` one, and the padding, unless
/// it is [`Valid`], as the last parameters of a type.
pub(super) fn write_stride(
    stride: usize,
    default: usize,
    padding: Padding,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    match padding {
        Padding::Same => write!(f, ", {stride}, Same>"),
        Padding::Valid if stride == default => f.write_str(">"),
        Padding::Valid => write!(f, ", {stride}>"),
    }
}

/// `conv3x3/2`: the rows and columns of a window and, after a slash, a stride
/// above one.
pub(super) fn short_window(name: &str, kernel: (usize, usize), stride: usize) -> String {
    let (rows, columns) = kernel;
    match stride {
        1 => format!("{name}{rows}x{columns}"),
        stride => format!("{name}{rows}x{columns}/{stride}"),
    }
}
