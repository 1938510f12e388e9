//! Shapes of one example, and windows along one axis.

use serde::{Deserialize, Serialize};

/// The shape of one example: an image (channels, rows, columns) or a flat
/// vector of features. The batch is not part of it.
///
/// It is stored as `#[multitask]` takes it: `[1, 28, 28]` or `12`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Dims {
    /// Channels of an image, or the number of features.
    pub channels: usize,
    /// Rows; 1 for features.
    pub height: usize,
    /// Columns; 1 for features.
    pub width: usize,
    /// False for a flat vector of features.
    pub is_image: bool,
}

impl Dims {
    /// What is known after an error that leaves no sensible shape; checks of
    /// later layers stay silent on it.
    pub const UNKNOWN: Self = Self::features(0);

    /// `channels` x `height` x `width`.
    pub const fn image(channels: usize, height: usize, width: usize) -> Self {
        Self {
            channels,
            height,
            width,
            is_image: true,
        }
    }

    /// A vector of `n` features.
    pub const fn features(n: usize) -> Self {
        Self {
            channels: n,
            height: 1,
            width: 1,
            is_image: false,
        }
    }

    /// Values in one example; of more than there can be, the most.
    pub const fn len(self) -> usize {
        self.channels.saturating_mul(self.plane())
    }

    /// True for a shape without values, such as [`Dims::UNKNOWN`].
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Values in one channel.
    pub const fn plane(self) -> usize {
        self.height.saturating_mul(self.width)
    }

    /// True if both are the same (usable in constants, unlike `==`).
    pub const fn same(self, other: Self) -> bool {
        self.channels == other.channels
            && self.height == other.height
            && self.width == other.width
            && self.is_image == other.is_image
    }
}

#[derive(Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "a shape must be [channels, rows, columns] or a number of features"
)]
enum Stored {
    Features(usize),
    Image([usize; 3]),
}

impl From<Dims> for Stored {
    fn from(dims: Dims) -> Self {
        match dims.is_image {
            true => Self::Image([dims.channels, dims.height, dims.width]),
            false => Self::Features(dims.channels),
        }
    }
}

impl From<Stored> for Dims {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Features(n) => Self::features(n),
            Stored::Image([channels, height, width]) => Self::image(channels, height, width),
        }
    }
}

impl std::fmt::Display for Dims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_image {
            write!(f, "{}x{}x{}", self.channels, self.height, self.width)
        } else {
            write!(f, "{} features", self.channels)
        }
    }
}

/// One spatial axis of a convolution or pooling window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Size of the output.
    pub output: usize,
    /// Padding before the first value; what is needed after follows from the
    /// other numbers.
    pub before: usize,
}

/// How the borders of an image are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Padding {
    /// No padding: the window stays inside the image.
    Valid,
    /// Output `ceil(size / stride)`; the smaller half of the padding before.
    Same,
}

/// Output size and padding of a window along one axis, or `None` if the
/// window is larger than a `Valid` input or anything is zero.
pub const fn window(size: usize, kernel: usize, stride: usize, padding: Padding) -> Option<Axis> {
    if size == 0 || kernel == 0 || stride == 0 {
        return None;
    }
    match padding {
        Padding::Valid if kernel > size => None,
        Padding::Valid => Some(Axis {
            output: (size - kernel) / stride + 1,
            before: 0,
        }),
        Padding::Same => {
            let output = size.div_ceil(stride);
            let last = (output - 1).saturating_mul(stride);
            let total = last.saturating_add(kernel).saturating_sub(size);
            Some(Axis {
                output,
                before: total / 2,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_padding_is_asymmetric_where_it_must_be() {
        let axis = window(14, 3, 2, Padding::Same).unwrap();
        assert_eq!((axis.output, axis.before), (7, 0));
        let axis = window(105, 3, 2, Padding::Same).unwrap();
        assert_eq!((axis.output, axis.before), (53, 1));
    }

    #[test]
    fn valid_windows_stay_inside() {
        assert_eq!(window(28, 5, 1, Padding::Valid).unwrap().output, 24);
        assert_eq!(window(5, 2, 2, Padding::Valid).unwrap().output, 2);
        assert_eq!(window(2, 3, 1, Padding::Valid), None);
    }
}
