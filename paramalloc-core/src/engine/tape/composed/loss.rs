//! The task loss.

use dfdx::prelude::*;

use crate::engine::tape::device::Device;

/// What the outputs of a batch should be.
#[derive(Clone, Debug)]
pub enum Targets<D: Device> {
    /// One class per example, below the width of the head: softmax
    /// cross-entropy.
    Classes(Tensor<(usize,), usize, D>),
    /// `[batch, outputs]`: mean squared error.
    Values(Tensor<(usize, usize), f32, D>),
}

/// The mean task loss of a batch of outputs `[batch, outputs]`: softmax
/// cross-entropy in nats, `mean over b of -ln softmax(outputs_b)[class_b]`,
/// or the mean over batch and outputs of the squared difference.
///
/// # Panics
/// If the batch differs from that of the targets, or on the CPU if a class is
/// not below the number of outputs.
pub fn loss<D: Device, T: Tape<f32, D>>(
    outputs: Tensor<(usize, usize), f32, D, T>,
    targets: &Targets<D>,
) -> Tensor<Rank0, f32, D, T> {
    match targets {
        Targets::Classes(classes) => {
            let logarithms = outputs.log_softmax::<Axis<1>>();
            let of_class: Tensor<(usize,), f32, D, T> = logarithms.select(classes.clone());
            of_class.mean::<Rank0, Axis<0>>().negate()
        }
        Targets::Values(values) => (outputs - values.clone())
            .square()
            .mean::<Rank0, Axes2<0, 1>>(),
    }
}
