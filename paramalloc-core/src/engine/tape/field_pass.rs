//! What one field of a forward pass needs.

use std::sync::Arc;

use dfdx::prelude::Tensor;

use crate::engine::tape::layer_device::LayerDevice;
use crate::network::plan::FieldPlan;

/// Mask of a dropout operation, `[batch, values]`: 1 keeps a value, 0 drops it.
pub type Mask<D> = Tensor<(usize, usize), f32, D>;

/// Weights of a routed layer's components for one task, on the host and on
/// the device.
#[derive(Debug)]
pub struct Weights<D: LayerDevice> {
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
pub struct FieldPass<'a, D: LayerDevice> {
    /// The field.
    pub field: &'a Arc<FieldPlan>,
    /// The task, which has its own component of a private field.
    pub task: usize,
    /// All model parameters, flat.
    pub parameters: &'a Tensor<(usize,), f32, D>,
    /// Weights of the components; absent for a field that is not routed.
    pub weights: Option<&'a Weights<D>>,
    /// Masks of all dropout operations of the network.
    pub masks: Option<&'a [Mask<D>]>,
}
