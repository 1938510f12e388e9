//! One forward pass over typed dfdx tensors.

use std::sync::Arc;

use dfdx::prelude::{Shape, Tape, Tensor};

use crate::engine::tape::composed;
use crate::engine::tape::device::Device;
use crate::network::plan::{FieldPlan, Plan};

/// Mask of a dropout operation, `[batch, values]`: 1 keeps a value, 0 drops it.
pub type Mask<D> = Tensor<(usize, usize), f32, D>;

/// What a forward pass needs besides its input: where it is in the network,
/// the parameters, and this step's random choices.
#[derive(Debug)]
pub struct Pass<'a, D: Device> {
    /// The network.
    pub plan: &'a Plan,
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

/// Weights of a routed layer's components for one task, on the host and on
/// the device.
#[derive(Debug)]
pub struct Weights<D: Device> {
    /// The values.
    pub values: Vec<f32>,
    /// The same on the device, `[components]`.
    pub tensor: Tensor<(usize,), f32, D>,
    /// Whether components of weight 0 are computed because the router learns
    /// from them.
    pub learns_from_inactive: bool,
}

/// What one field needs.
#[derive(Debug)]
pub struct FieldPass<'a, D: Device> {
    /// The field.
    pub field: &'a Arc<FieldPlan>,
    /// All model parameters, flat.
    pub parameters: &'a Tensor<(usize,), f32, D>,
    /// Weights of the components; absent for a shared field.
    pub weights: Option<&'a Weights<D>>,
    /// Masks of all dropout operations of the network.
    pub masks: Option<&'a [Mask<D>]>,
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
