//! What layers compute: a few operations that know nothing of the types and
//! settings they come from. Engines run them, the dfdx tape is composed by
//! them, and whatever else reads a network reads these.

pub use paramalloc_kernels::upsample::{Between, UpsampleKind, UpsampleOperation};
use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::any_device::{AnyDeviceLayer, AnyElementwise};
use super::window::Window;
use crate::network::shape::Dims;

/// Kinds of operations. Each is a function of one example.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Convolution and bias; a dense layer is one of a 1x1 image. Parameters:
    /// weight `[output, input, rows, columns]`, bias `[output]`.
    Conv(ConvOperation),
    /// A convolution of parts of the channels, or of a dilated kernel.
    /// Parameters: weight `[output, input / groups, rows, columns]`, bias
    /// `[output]`.
    SplitConv(SplitConvOperation),
    /// Transposed convolution. Parameters: weight `[input, output, rows,
    /// columns]`, bias `[output]`.
    ConvTranspose(ConvTransposeOperation),
    /// Rows of a table. Parameter: the table, `[rows, width]`.
    Embedding(EmbeddingOperation),
    /// A larger image.
    Upsample(UpsampleOperation),
    /// Pooling.
    Pool(PoolOperation),
    /// Mean 0 and variance 1 over each group's channels and all positions.
    /// Parameters: gamma and beta, one of each per channel.
    GroupNorm(NormOperation),
    /// `max(0, x)`.
    ReLU,
    /// A function of each value.
    Elementwise(ElementwiseOperation),
    /// Dropout.
    Dropout(DropoutOperation),
    /// Adds the input of the operations before it to what they give, by way of a
    /// convolution where their shapes differ. Parameters: those of the
    /// convolution.
    Residual(ResidualOperation),
    /// A user's layer.
    Custom(CustomOperation),
}

/// The end of a residual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResidualOperation {
    /// Operations before it whose input is added.
    pub body: usize,
    /// Shape of what is added.
    pub skip: Dims,
    /// What it goes through first.
    pub projection: Option<ConvOperation>,
}

/// A convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvOperation {
    /// Channels in.
    pub input: usize,
    /// Channels (filters) out.
    pub output: usize,
    /// Its window.
    pub window: Window,
}

/// A convolution in groups of channels, with a dilated kernel; not both a
/// stride and a dilation are above 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitConvOperation {
    /// The convolution; its window's positions are those of the kernel with
    /// its gaps.
    pub conv: ConvOperation,
    /// Parts of the channels; divides those in and those out.
    pub groups: usize,
    /// Distance of neighboring cells of the kernel.
    pub dilation: usize,
}

/// A transposed convolution and bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvTransposeOperation {
    /// The convolution whose gradient with respect to its input it is: from its
    /// output to its input.
    pub conv: ConvOperation,
}

/// A table whose rows are found by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmbeddingOperation {
    /// Number of rows.
    pub rows: usize,
    /// Values of a row.
    pub width: usize,
}

/// Pooling of each channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolOperation {
    /// Average or maximum.
    pub kind: PoolKind,
    /// Its window.
    pub window: Window,
}

/// What a pooling window computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PoolKind {
    /// Mean over the real cells.
    Average,
    /// Maximum over the real cells; a tie sends its gradient to the first in
    /// row order.
    Max,
}

/// A function of each value: an activation.
#[derive(Clone, Copy)]
pub struct ElementwiseOperation {
    /// The function.
    pub layer: &'static dyn AnyElementwise,
    /// True if it is a user's: its name says nothing about what it computes.
    pub is_own: bool,
}

impl fmt::Debug for ElementwiseOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ElementwiseOperation")
            .field(&self.layer.name())
            .finish()
    }
}

/// Dropout: the identity at evaluation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DropoutOperation {
    /// Index among the dropout operations of the network, which the plan
    /// counts.
    pub index: usize,
    /// The share of values that is dropped.
    pub dropped: Share,
    /// Factor of the other values.
    pub scale: f32,
}

/// A share of a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The part, less than `of`.
    pub part: usize,
    /// The whole.
    pub of: usize,
}

/// A normalization of groups of channels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormOperation {
    /// Groups; divides the channels.
    pub groups: usize,
    /// Added to the variance.
    pub epsilon: f32,
}

/// A user's layer.
#[derive(Clone)]
pub struct CustomOperation {
    /// Its name.
    pub name: Cow<'static, str>,
    /// Lengths of its parameters, in order.
    pub parameters: Vec<usize>,
    /// Its forward pass; absent for a network that was read from a file and
    /// has not been bound.
    pub layer: Option<&'static dyn AnyDeviceLayer>,
}

impl CustomOperation {
    /// The forward pass. An engine has made sure that there is one.
    pub(crate) fn bound(&self) -> &'static dyn AnyDeviceLayer {
        self.layer.expect("a layer that an engine has accepted")
    }
}

impl fmt::Debug for CustomOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (f.debug_struct("CustomOperation").field("name", &self.name))
            .field("parameters", &self.parameters)
            .field("bound", &self.layer.is_some())
            .finish()
    }
}

impl Kind {
    /// Whether a ReLU may overwrite the output: the backward pass does not
    /// need the values before the ReLU.
    pub(crate) fn takes_relu(&self) -> bool {
        matches!(
            self,
            Self::Conv(_) | Self::SplitConv(_) | Self::GroupNorm(_)
        )
    }

    /// Multiply-adds per example at evaluation: those of convolutions and
    /// dense layers; those of layers of the user's own are not known and not
    /// counted.
    pub(crate) fn multiply_adds(&self, input: Dims, output: Dims) -> u64 {
        let cells = |window: &Window| window.kernel.0 * window.kernel.1;
        let count = match self {
            Self::Conv(conv) => output.len() * conv.input * cells(&conv.window),
            Self::SplitConv(split) => {
                let conv = &split.conv;
                output.len() * conv.input / split.groups * cells(&conv.window)
            }
            Self::ConvTranspose(ConvTransposeOperation { conv }) => {
                input.len() * conv.input * cells(&conv.window)
            }
            Self::Residual(residual) => {
                (residual.projection.as_ref()).map_or(0, |conv| output.len() * conv.input)
            }
            _ => 0,
        };
        count as u64
    }
}

/// `conv 3x3, stride 2`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conv(conv) => write!(f, "conv {}", conv.window),
            Self::SplitConv(split) => split.fmt(f),
            Self::ConvTranspose(ConvTransposeOperation { conv }) => {
                write!(f, "transposed conv {}", conv.window)
            }
            Self::Embedding(table) => write!(f, "embedding, {} rows", table.rows),
            Self::Upsample(upsample) => write!(f, "upsample by {}", upsample.factor),
            Self::Pool(pool) => match pool.kind {
                PoolKind::Average => write!(f, "average pool {}", pool.window),
                PoolKind::Max => write!(f, "max pool {}", pool.window),
            },
            Self::GroupNorm(norm) => write!(f, "group norm, {} groups", norm.groups),
            Self::ReLU => f.write_str("ReLU"),
            Self::Elementwise(function) => f.write_str(function.layer.name()),
            Self::Dropout(_) => f.write_str("dropout"),
            Self::Residual(residual) => match &residual.projection {
                None => f.write_str("add the input"),
                Some(conv) => write!(f, "add the input, conv {}", conv.window),
            },
            Self::Custom(custom) => f.write_str(&custom.name),
        }
    }
}

/// `conv 3x3, 4 groups`.
impl fmt::Display for SplitConvOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "conv {}", self.conv.window)?;
        if self.groups > 1 {
            write!(f, ", {} groups", self.groups)?;
        }
        match self.dilation {
            1 => Ok(()),
            dilation => write!(f, ", dilation {dilation}"),
        }
    }
}

/// `3x3, stride 2`.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.kernel.0, self.kernel.1)?;
        match self.stride {
            1 => Ok(()),
            stride => write!(f, ", stride {stride}"),
        }
    }
}
