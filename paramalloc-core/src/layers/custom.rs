//! Layers that a user writes.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use dfdx::prelude::{Cpu, OwnedTape, Tape};
use serde::{Deserialize, Serialize};

use super::Spec;
use super::any_device::{Activations, AnyDeviceLayer, FlatParameter};
use super::conv::Conv;
use super::cow::text;
use super::layer_spec::LayerSpec;
use super::operation::{CustomOperation, ElementwiseOperation, Kind};
use super::parameter::ParameterSpec;
use super::shape_error::{Checked, Problem, fits, wrong};
use crate::network::shape::{Dims, Padding};

/// A layer written in dfdx operations. It works on every device and gets its
/// backward pass from the tape.
///
/// A layer is a function of one example: it must not mix the examples of a
/// batch, and the batch that it is given may be a part of the task's batch.
///
/// ```
/// use dfdx::prelude::{Device, Tape, WithEmptyTape};
/// use paramalloc_core::prelude::*;
///
/// /// `x * sigmoid(x)`.
/// struct Swish;
///
/// impl CustomLayer for Swish {
///     const NAME: &'static str = "Swish";
///     const RULE: ShapeRule = ShapeRule::Keep;
///
///     fn forward<D: Device<f32>, T: Tape<f32, D>>(
///         x: Activations<D, T>,
///         _parameters: Vec<FlatParameter<D, T>>,
///     ) -> Activations<D, T> {
///         x.with_empty_tape().sigmoid() * x
///     }
/// }
///
/// impl Layer for Swish {
///     const SPEC: Spec = Spec::custom::<Swish>();
/// }
/// ```
pub trait CustomLayer: 'static {
    /// Name for messages and figures.
    const NAME: &'static str;
    /// Which inputs it takes and what comes out.
    const RULE: ShapeRule;
    /// Its parameters, in order; none by default.
    const PARAMETERS: &'static [ParameterSpec] = &[];

    /// The output for the batch `x`; `parameters` are in the order of
    /// [`Self::PARAMETERS`]. The output's shape must be what [`Self::RULE`]
    /// says.
    fn forward<D: dfdx::tensor_ops::Device<f32>, T: Tape<f32, D>>(
        x: Activations<D, T>,
        parameters: Vec<FlatParameter<D, T>>,
    ) -> Activations<D, T>;
}

struct Erased<L>(PhantomData<fn() -> L>);

impl<L: CustomLayer> Erased<L> {
    const LAYER: &'static dyn AnyDeviceLayer = &Self(PhantomData);
}

impl<L: CustomLayer> AnyDeviceLayer for Erased<L> {
    fn evaluate_cpu(&self, x: Activations<Cpu>, p: Vec<FlatParameter<Cpu>>) -> Activations<Cpu> {
        L::forward(x, p)
    }

    fn train_cpu(
        &self,
        x: Activations<Cpu, OwnedTape<f32, Cpu>>,
        p: Vec<FlatParameter<Cpu, OwnedTape<f32, Cpu>>>,
    ) -> Activations<Cpu, OwnedTape<f32, Cpu>> {
        L::forward(x, p)
    }

    #[cfg(feature = "cuda")]
    fn evaluate_cuda(
        &self,
        x: Activations<dfdx::prelude::Cuda>,
        p: Vec<FlatParameter<dfdx::prelude::Cuda>>,
    ) -> Activations<dfdx::prelude::Cuda> {
        L::forward(x, p)
    }

    #[cfg(feature = "cuda")]
    fn train_cuda(
        &self,
        x: Activations<dfdx::prelude::Cuda, OwnedTape<f32, dfdx::prelude::Cuda>>,
        p: Vec<FlatParameter<dfdx::prelude::Cuda, OwnedTape<f32, dfdx::prelude::Cuda>>>,
    ) -> Activations<dfdx::prelude::Cuda, OwnedTape<f32, dfdx::prelude::Cuda>> {
        L::forward(x, p)
    }
}

impl Spec {
    /// The description of the user's layer `L`.
    pub const fn custom<L: CustomLayer>() -> Spec {
        Spec::Custom(Custom {
            name: Cow::Borrowed(L::NAME),
            rule: L::RULE,
            parameters: Cow::Borrowed(L::PARAMETERS),
            layer: Some(Erased::<L>::LAYER),
        })
    }
}

/// The description of a user's layer, made by [`Spec::custom`]. It is stored
/// and compared without its forward pass, which a description that was read
/// from a file does not have until
/// [`Network::bind`](crate::network::Network::bind) finds it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Custom {
    /// Name for messages and figures.
    pub name: Cow<'static, str>,
    /// Which inputs it takes and what comes out.
    pub rule: ShapeRule,
    /// Its parameters, in order.
    pub parameters: Cow<'static, [ParameterSpec]>,
    /// Its forward pass.
    #[serde(skip)]
    pub layer: Option<&'static dyn AnyDeviceLayer>,
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

impl Custom {
    pub(super) const fn kind(&self) -> &str {
        text(&self.name)
    }

    pub(super) const fn check(&self, input: Dims) -> Checked<'static> {
        match self.rule {
            ShapeRule::Keep => fits(input),
            ShapeRule::KeepChannels(channels) if channels == input.channels => fits(input),
            ShapeRule::KeepChannels(channels) => {
                wrong(Problem::Channels(channels), input, Dims::UNKNOWN)
            }
            ShapeRule::Window {
                input: i,
                output,
                kernel,
                stride,
                padding,
            } => Conv {
                input: i,
                output,
                kernel_height: kernel,
                kernel_width: kernel,
                stride,
                padding,
            }
            .check(input),
            ShapeRule::Exact(needed, output) if needed.same(input) => fits(output),
            ShapeRule::Exact(needed, output) => wrong(Problem::Exactly(needed), input, output),
        }
    }
}

impl LayerSpec for Custom {
    fn short_name(&self) -> Option<String> {
        Some(self.name.to_string())
    }

    fn parameters(&self) -> Vec<ParameterSpec> {
        self.parameters.to_vec()
    }

    fn operation(&self, _input: Dims) -> Option<Kind> {
        if let Some(layer) = self.layer.and_then(|layer| layer.elementwise()) {
            return Some(Kind::Elementwise(ElementwiseOperation {
                layer,
                is_own: true,
            }));
        }
        Some(Kind::Custom(CustomOperation {
            name: self.name.clone(),
            parameters: self.parameters.iter().map(ParameterSpec::len).collect(),
            layer: self.layer,
        }))
    }
}

impl fmt::Display for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
