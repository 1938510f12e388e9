//! What a device does for single layers.

use std::ops::Range;

use dfdx::prelude::{Cpu, PutTape, Tape};

use crate::layers::{Activations, AnyDeviceLayer, FlatParameter};

/// A dfdx device that runs users' layers and takes parts of the parameters.
pub trait LayerDevice: dfdx::tensor_ops::Device<f32> {
    /// A user's layer.
    fn custom<T: Tape<f32, Self> + 'static>(
        layer: &dyn AnyDeviceLayer,
        x: Activations<Self, T>,
        parameters: Vec<FlatParameter<Self, T>>,
    ) -> Activations<Self, T>;

    /// Part of a leaf, on a tape of its own; its gradient is added to the
    /// leaf's.
    fn part<T: Tape<f32, Self> + 'static>(
        leaf: &FlatParameter<Self>,
        range: Range<usize>,
    ) -> FlatParameter<Self, T> {
        leaf.retaped::<T>().slice((range,))
    }
}

/// Gives a value of type `A` as type `B`, which is the same type in every
/// branch that is taken: the tape says which one it is.
fn same<A: 'static, B: 'static>(value: A) -> B {
    let mut slot = Some(value);
    let slot: &mut dyn std::any::Any = &mut slot;
    let slot: &mut Option<B> = slot.downcast_mut().expect("the same type");
    slot.take().expect("taken once")
}

impl LayerDevice for Cpu {
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

    // On the CPU dfdx's slice overwrites the leaf's gradient, which loses what
    // the rest of the tape (a penalty on the leaf, say) has put there.
    fn part<T: Tape<f32, Self> + 'static>(
        leaf: &FlatParameter<Self>,
        range: Range<usize>,
    ) -> FlatParameter<Self, T> {
        let part = leaf.clone().slice((range.clone(),));
        let (whole, output) = (leaf.clone(), part.clone());
        let mut tape = T::default();
        tape.add_backward_op(move |gradients| {
            let part = gradients.get_or_alloc_mut(&output)?.to_vec();
            let whole = gradients.get_or_alloc_mut(&whole)?;
            for (sum, value) in whole[range].iter_mut().zip(part) {
                *sum += value;
            }
            Ok(())
        });
        part.put_tape(tape)
    }
}

#[cfg(feature = "cuda")]
impl LayerDevice for dfdx::prelude::Cuda {
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
