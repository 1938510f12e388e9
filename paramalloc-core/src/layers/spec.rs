//! A layer described as a constant. Shapes are checked, parameters are laid
//! out and kernels are chosen from this description alone.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::custom::AnyDeviceLayer;
use crate::network::shape::{Dims, Padding};

/// What a layer is. It is a constant, so that shapes can be computed while
/// compiling, through tuples, aliases and a user's own types.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub enum Spec {
    /// Convolution with bias.
    Conv2D(Conv),
    /// Average or maximum over windows of each channel.
    Pool2D(Pool),
    /// Group normalisation over each group's channels and all positions.
    GroupNorm {
        /// Channels of the input.
        channels: usize,
        /// Groups; divides `channels`.
        groups: usize,
    },
    /// `y = W x + b` on features.
    Linear {
        /// Features in.
        input: usize,
        /// Features out.
        output: usize,
    },
    /// `max(0, x)`.
    ReLU,
    /// Zeroes one value in `one_in` while training and scales the others.
    Dropout {
        /// 2 drops half of the values.
        one_in: usize,
    },
    /// Image to features, in the order channel, row, column.
    Flatten2D,
    /// The input, unchanged.
    Identity,
    /// One after the other.
    Sequence(Cow<'static, [Spec]>),
    /// Alternatives: the components of a routed field.
    AnyOf(Cow<'static, [Spec]>),
    /// A layer that a user wrote.
    Custom(Custom),
}

/// A convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conv {
    /// Channels in.
    pub input: usize,
    /// Channels (filters) out.
    pub output: usize,
    /// Rows of the kernel.
    pub kernel_height: usize,
    /// Columns of the kernel.
    pub kernel_width: usize,
    /// Step of the window, the same both ways.
    pub stride: usize,
    /// Treatment of the borders.
    pub padding: Padding,
}

/// What a pooling window computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PoolKind {
    /// Mean over the real cells.
    Average,
    /// Maximum over the real cells; a tie sends its gradient to the first.
    Max,
}

/// A pooling layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Average or maximum.
    pub kind: PoolKind,
    /// Rows and columns of the window.
    pub kernel: usize,
    /// Step of the window, the same both ways.
    pub stride: usize,
    /// Treatment of the borders.
    pub padding: Padding,
}

/// The description of a user's layer, made by [`Spec::custom`]. It is stored
/// and compared without its forward pass, which a description that was read
/// from a file does not have until
/// [`Network::bind`](crate::network::Network::bind) finds it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Custom {
    /// Name for messages and pictures.
    pub name: Cow<'static, str>,
    /// Which inputs it takes and what comes out.
    pub rule: ShapeRule,
    /// Its parameters, in order.
    pub parameters: Cow<'static, [ParameterSpec]>,
    /// Its forward pass.
    #[serde(skip)]
    pub layer: Option<&'static dyn AnyDeviceLayer>,
}

impl Custom {
    /// The forward pass. An engine has made sure that there is one.
    pub(crate) fn bound(&self) -> &'static dyn AnyDeviceLayer {
        self.layer.expect("a layer that an engine has accepted")
    }
}

impl PartialEq for Custom {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.rule, &self.parameters) == (&other.name, other.rule, &other.parameters)
    }
}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (f.debug_struct("Custom").field("name", &self.name))
            .field("rule", &self.rule)
            .field("parameters", &self.parameters)
            .field("bound", &self.layer.is_some())
            .finish()
    }
}

/// Which shapes a user's layer takes and gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShapeRule {
    /// Any shape, which stays as it is.
    Keep,
    /// An image of this many channels (or as many features); the shape stays.
    KeepChannels(usize),
    /// An image of `input` channels becomes one of `output` channels, rows
    /// and columns as by a window.
    Window {
        /// Channels in.
        input: usize,
        /// Channels out.
        output: usize,
        /// Rows and columns of the window.
        kernel: usize,
        /// Step of the window.
        stride: usize,
        /// Treatment of the borders.
        padding: Padding,
    },
    /// Exactly this shape in, exactly that shape out.
    Exact(Dims, Dims),
}

/// A parameter of a user's layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterSpec {
    /// Last part of the parameter's path: `weight`, `bias`, `gamma`, `beta`
    /// or a name of one's own. A `bias` is left out of the L2 penalty.
    pub kind: Cow<'static, str>,
    /// Its shape.
    pub shape: Cow<'static, [usize]>,
    /// Its initial values.
    pub init: Init,
}

/// Initial values of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Init {
    /// One value everywhere.
    Constant(f32),
    /// Glorot-uniform: `U(-a, a)`, `a = sqrt(6 / (fan_in + fan_out))`.
    GlorotUniform {
        /// Inputs that one output sums.
        fan_in: usize,
        /// Outputs that one input reaches.
        fan_out: usize,
    },
}

impl ParameterSpec {
    /// A parameter of this kind, shape and start.
    pub const fn new(kind: &'static str, shape: &'static [usize], init: Init) -> Self {
        Self {
            kind: Cow::Borrowed(kind),
            shape: Cow::Borrowed(shape),
            init,
        }
    }
}

/// The text, in a constant too.
// A `Cow` cannot be dereferenced in a constant function.
#[allow(clippy::ptr_arg)]
pub(crate) const fn text<'a>(text: &'a Cow<'static, str>) -> &'a str {
    match text {
        Cow::Borrowed(text) => text,
        Cow::Owned(text) => text.as_str(),
    }
}

/// The layers, in a constant too.
// A `Cow` cannot be dereferenced in a constant function.
#[allow(clippy::ptr_arg)]
pub(crate) const fn layers<'a>(layers: &'a Cow<'static, [Spec]>) -> &'a [Spec] {
    match layers {
        Cow::Borrowed(layers) => layers,
        Cow::Owned(layers) => layers.as_slice(),
    }
}

impl Spec {
    /// The layer's kind, as its type is called.
    pub const fn kind(&self) -> &str {
        match self {
            Spec::Conv2D(conv) if conv.kernel_height == conv.kernel_width => "Conv2D",
            Spec::Conv2D(_) => "RectConv2D",
            Spec::Pool2D(pool) => match pool.kind {
                PoolKind::Average => "AvgPool2D",
                PoolKind::Max => "MaxPool2D",
            },
            Spec::GroupNorm { .. } => "GroupNorm",
            Spec::Linear { .. } => "Linear",
            Spec::ReLU => "ReLU",
            Spec::Dropout { .. } => "DropoutOneIn",
            Spec::Flatten2D => "Flatten2D",
            Spec::Identity => "Identity",
            Spec::Sequence(_) => "a stack",
            Spec::AnyOf(_) => "AnyOf",
            Spec::Custom(custom) => text(&custom.name),
        }
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Spec::Conv2D(conv) => write_conv(conv, f),
            Spec::Pool2D(pool) => {
                write!(f, "{}<{}", self.kind(), pool.kernel)?;
                write_stride(pool.stride, pool.kernel, pool.padding, f)
            }
            Spec::GroupNorm { channels, groups } => write!(f, "GroupNorm<{channels}, {groups}>"),
            Spec::Linear { input, output } => write!(f, "Linear<{input}, {output}>"),
            Spec::ReLU => f.write_str("ReLU"),
            Spec::Dropout { one_in } => write!(f, "DropoutOneIn<{one_in}>"),
            Spec::Flatten2D => f.write_str("Flatten2D"),
            Spec::Identity => f.write_str("Identity"),
            Spec::Sequence(parts) => write_joined(parts, " ", f),
            Spec::AnyOf(parts) => write_joined(parts, " | ", f),
            Spec::Custom(custom) => f.write_str(&custom.name),
        }
    }
}

fn write_conv(conv: &Conv, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if conv.kernel_height == conv.kernel_width {
        let (i, o, k) = (conv.input, conv.output, conv.kernel_height);
        write!(f, "Conv2D<{i}, {o}, {k}")?;
    } else {
        let (i, o) = (conv.input, conv.output);
        let (kh, kw) = (conv.kernel_height, conv.kernel_width);
        write!(f, "RectConv2D<{i}, {o}, {kh}, {kw}")?;
    }
    write_stride(conv.stride, 1, conv.padding, f)
}

fn write_stride(
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

fn write_joined(parts: &[Spec], separator: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            f.write_str(separator)?;
        }
        write!(f, "{part}")?;
    }
    Ok(())
}

impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
