//! Layers that a user writes.

use std::borrow::Cow;
use std::marker::PhantomData;

use dfdx::prelude::{Cpu, NoneTape, OwnedTape, Tape, Tensor};

use super::spec::{Custom, ParameterSpec, ShapeRule, Spec};

/// A batch of examples inside a user's layer: `[batch, channels, rows,
/// columns]`, all known at run time. Features have one row and one column.
pub type Activations<D, T = NoneTape> = Tensor<(usize, usize, usize, usize), f32, D, T>;

/// A parameter inside a user's layer, flat and on the tape; reshape it to the
/// shape that [`CustomLayer::PARAMETERS`] declares.
pub type FlatParameter<D, T = NoneTape> = Tensor<(usize,), f32, D, T>;

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
    /// Name for messages and pictures.
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

/// A [`CustomLayer`] behind a pointer: one method per device and tape, because
/// a generic method cannot be called through one.
pub trait AnyDeviceLayer: Sync {
    /// Evaluation on the CPU.
    fn evaluate_cpu(&self, x: Activations<Cpu>, p: Vec<FlatParameter<Cpu>>) -> Activations<Cpu>;

    /// Training on the CPU.
    fn train_cpu(
        &self,
        x: Activations<Cpu, OwnedTape<f32, Cpu>>,
        p: Vec<FlatParameter<Cpu, OwnedTape<f32, Cpu>>>,
    ) -> Activations<Cpu, OwnedTape<f32, Cpu>>;

    /// Evaluation on a GPU.
    #[cfg(feature = "cuda")]
    fn evaluate_cuda(
        &self,
        x: Activations<dfdx::prelude::Cuda>,
        p: Vec<FlatParameter<dfdx::prelude::Cuda>>,
    ) -> Activations<dfdx::prelude::Cuda>;

    /// Training on a GPU.
    #[cfg(feature = "cuda")]
    fn train_cuda(
        &self,
        x: Activations<dfdx::prelude::Cuda, OwnedTape<f32, dfdx::prelude::Cuda>>,
        p: Vec<FlatParameter<dfdx::prelude::Cuda, OwnedTape<f32, dfdx::prelude::Cuda>>>,
    ) -> Activations<dfdx::prelude::Cuda, OwnedTape<f32, dfdx::prelude::Cuda>>;
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
