//! The devices that networks run on.

use dfdx::prelude::{Cpu, Shape, Tape, Tensor};

use crate::composed;
use crate::layers::custom::{Activations, AnyDeviceLayer, FlatParameter};
use crate::pass::FieldPass;

/// A dfdx device with a way to run a field. The CPU has kernels of its own;
/// every other device runs the operations composed of dfdx's.
pub trait Device: dfdx::tensor_ops::Device<f32> {
    /// One field: the weighted sum of its components, as one differentiable
    /// operation or several.
    fn field<I: Shape, O: Shape, T: Tape<f32, Self> + 'static>(
        x: Tensor<I, f32, Self, T>,
        field: &FieldPass<'_, Self>,
    ) -> Tensor<O, f32, Self, T> {
        composed::field(x, field)
    }

    /// A user's layer.
    fn custom<T: Tape<f32, Self> + 'static>(
        layer: &dyn AnyDeviceLayer,
        x: Activations<Self, T>,
        parameters: Vec<FlatParameter<Self, T>>,
    ) -> Activations<Self, T>;
}

/// Gives a value of type `A` as type `B`, which is the same type in every
/// branch that is taken: the tape says which one it is.
fn same<A: 'static, B: 'static>(value: A) -> B {
    let mut slot = Some(value);
    let slot: &mut dyn std::any::Any = &mut slot;
    let slot: &mut Option<B> = slot.downcast_mut().expect("the same type");
    slot.take().expect("taken once")
}

impl Device for Cpu {
    fn custom<T: Tape<f32, Self> + 'static>(
        layer: &dyn AnyDeviceLayer,
        x: Activations<Self, T>,
        parameters: Vec<FlatParameter<Self, T>>,
    ) -> Activations<Self, T> {
        if T::OWNS_TAPE {
            same(layer.train_cpu(same(x), same(parameters)))
        } else {
            same(layer.evaluate_cpu(same(x), same(parameters)))
        }
    }
}

#[cfg(feature = "cuda")]
impl Device for dfdx::prelude::Cuda {
    fn custom<T: Tape<f32, Self> + 'static>(
        layer: &dyn AnyDeviceLayer,
        x: Activations<Self, T>,
        parameters: Vec<FlatParameter<Self, T>>,
    ) -> Activations<Self, T> {
        if T::OWNS_TAPE {
            same(layer.train_cuda(same(x), same(parameters)))
        } else {
            same(layer.evaluate_cuda(same(x), same(parameters)))
        }
    }
}
