//! What goes into a task step and what comes out of it.

use crate::penalty::PenaltyValues;

/// The random choices of one task step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Noise {
    /// Uniform draws of all routed layers, in `[0, 1)`, `[components, draws]`
    /// each: [`Routers::uniform_len`](crate::routing::Routers::uniform_len)
    /// values. Of a step on all tasks as many for each of them.
    pub uniforms: Vec<f32>,
    /// One mask for each of [`Plan::dropouts`], `[batch, values]`: 1 keeps a
    /// value, 0 drops it.
    ///
    /// [`Plan::dropouts`]: crate::network::plan::Plan::dropouts
    pub masks: Vec<Vec<f32>>,
}

/// The losses of one task step, before its update.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct StepReport {
    /// Mean task loss over the batch.
    pub task_loss: f64,
    /// The penalties by name, with their weights.
    pub penalties: PenaltyValues,
}

impl StepReport {
    /// The sum of all penalties.
    pub fn auxiliary_loss(&self) -> f64 {
        self.penalties.sum()
    }
}
