//! The devices that networks run on.

use dfdx::prelude::{Cpu, Shape, Tape, Tensor};

use crate::engine::tape::composed;
use crate::engine::tape::field_pass::FieldPass;
use crate::engine::tape::layer_device::LayerDevice;

/// A dfdx device with a way to run a field. The CPU has kernels of its own;
/// every other device runs the operations composed of dfdx's.
pub trait Device: LayerDevice {
    /// One field: the weighted sum of its components, as one differentiable
    /// operation or several.
    fn field<I: Shape, O: Shape, T: Tape<f32, Self> + 'static>(
        x: Tensor<I, f32, Self, T>,
        field: &FieldPass<'_, Self>,
    ) -> Tensor<O, f32, Self, T> {
        composed::field(x, field)
    }
}

impl Device for Cpu {
    fn field<I: Shape, O: Shape, T: Tape<f32, Self> + 'static>(
        x: Tensor<I, f32, Self, T>,
        field: &FieldPass<'_, Self>,
    ) -> Tensor<O, f32, Self, T> {
        crate::engine::tape::cpu_field::field(x, field)
    }
}

#[cfg(feature = "cuda")]
impl Device for dfdx::prelude::Cuda {}
