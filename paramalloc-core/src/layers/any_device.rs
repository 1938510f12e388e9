//! A user's layer behind a pointer, for every device.

use dfdx::prelude::{Cpu, NoneTape, OwnedTape, Tensor};

use paramalloc_kernels::{Lane, Level};

/// A batch of examples inside a user's layer: `[batch, channels, rows,
/// columns]`, all known at run time. Features have one row and one column.
pub type Activations<D, T = NoneTape> = Tensor<(usize, usize, usize, usize), f32, D, T>;

/// A parameter inside a user's layer, flat and on the tape; reshape it to the
/// shape that [`CustomLayer::PARAMETERS`](super::CustomLayer::PARAMETERS) declares.
pub type FlatParameter<D, T = NoneTape> = Tensor<(usize,), f32, D, T>;

/// A [`CustomLayer`](super::CustomLayer) behind a pointer: one method per device and tape, because
/// a generic method cannot be called through one.
pub trait AnyDeviceLayer: Sync {
    /// The same as a function of each value, if the layer is one.
    fn elementwise(&self) -> Option<&'static dyn AnyElementwise> {
        None
    }

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

/// A function of each value behind a pointer, compiled for every instruction
/// set.
pub trait AnyElementwise: AnyDeviceLayer {
    /// Its name.
    fn name(&self) -> &'static str;

    /// `y = f(x)` at all places.
    fn values(&self, level: Level, x: &[Lane], y: &mut [Lane]);

    /// Multiplies `gradient` by the derivative, where `y = f(x)`.
    fn gradient(&self, level: Level, x: &[Lane], y: &[Lane], gradient: &mut [Lane]);
}
