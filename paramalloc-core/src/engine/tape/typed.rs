//! A network as a function of typed dfdx tensors.

use dfdx::prelude::{Shape, Tape, Tensor};

use super::device::Device;
use super::pass::Pass;
use crate::network::Multitask;

/// The shapes of a network as dfdx types, which a [`TapeEngine`](super::TapeEngine)
/// needs. `#[multitask]` implements it beside [`Multitask`].
pub trait TypedNetwork: Multitask + 'static {
    /// Batch of examples as a dfdx shape.
    type Input: Shape;
    /// Batch of what reaches the heads as a dfdx shape.
    type Features: Shape;

    /// All fields, one after the other: `pass` does each with
    /// [`Pass::field`].
    fn forward<D: Device, T: Tape<f32, D> + 'static>(
        x: Tensor<Self::Input, f32, D, T>,
        pass: &mut Pass<'_, D>,
    ) -> Tensor<Self::Features, f32, D, T>;
}
