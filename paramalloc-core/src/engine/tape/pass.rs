//! One forward pass over typed dfdx tensors.

use dfdx::prelude::{Shape, Tape, Tensor};

use crate::engine::tape::composed;
use crate::engine::tape::device::Device;
use crate::engine::tape::field_pass::{FieldPass, Mask, Weights};
use crate::network::plan::Plan;

/// What a forward pass needs besides its input: where it is in the network,
/// the parameters, and this step's random choices.
#[derive(Debug)]
pub struct Pass<'a, D: Device> {
    /// The network.
    pub plan: &'a Plan,
    /// The current task.
    pub task: usize,
    /// All model parameters, flat. Its gradient is theirs.
    pub parameters: &'a Tensor<(usize,), f32, D>,
    /// Weights of each routed layer's components for the current task. The
    /// gradient of a tensor is what its router learns from.
    pub weights: &'a [Weights<D>],
    /// Masks of each dropout operation; absent at evaluation.
    pub masks: Option<&'a [Mask<D>]>,
    /// Use the operations composed of dfdx's also where the device has
    /// kernels of its own.
    pub composed: bool,
    /// The next field.
    pub next: usize,
}

impl<D: Device> Pass<'_, D> {
    /// Runs the next field. Generated code names the typed shapes.
    pub fn field<I: Shape, O: Shape, T: Tape<f32, D> + 'static>(
        &mut self,
        x: Tensor<I, f32, D, T>,
    ) -> Tensor<O, f32, D, T> {
        let field = &self.plan.fields[self.next];
        self.next += 1;
        let pass = FieldPass {
            field,
            task: self.task,
            parameters: self.parameters,
            weights: field.routed.map(|l| &self.weights[l]),
            masks: self.masks,
        };
        if self.composed {
            composed::field(x, &pass)
        } else {
            D::field(x, &pass)
        }
    }
}
