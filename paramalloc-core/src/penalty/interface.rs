//! The interface of a penalty.

use std::fmt;
use std::ops::Range;

use crate::network::plan::ParameterPlan;
use crate::routing::RoutedLayer;

/// Something that is added to the task loss of every step: a function of the
/// connection probabilities of the step's task, of the model parameters, or
/// of both. It gives its value and adds its gradient.
///
/// ```
/// use paramalloc_core::penalty::{Connections, Penalty};
///
/// /// Keeps the probabilities of the first component of each layer low.
/// #[derive(Debug)]
/// struct NotTheFirst;
///
/// impl Penalty for NotTheFirst {
///     fn name(&self) -> &str {
///         "not_the_first"
///     }
///
///     fn on_connections(&self, connections: &Connections<'_>, gradient: &mut [f64]) -> f64 {
///         let mut value = 0.0;
///         for layer in connections.layers().filter(|layer| layer.is_learned) {
///             value += f64::from(layer.probabilities[0]);
///             gradient[layer.components.start] += 1.0;
///         }
///         value
///     }
/// }
/// ```
pub trait Penalty: fmt::Debug + Send + Sync {
    /// The name that its value is reported under, different from that of any
    /// other.
    fn name(&self) -> &str;

    /// Its value for these connections; adds its gradient by each of
    /// [`Connections::probabilities`] to `gradient`. What is added for a
    /// component of a fixed router has no effect. 0 by default.
    fn on_connections(&self, connections: &Connections<'_>, gradient: &mut [f64]) -> f64 {
        let _ = (connections, gradient);
        0.0
    }

    /// True if [`Self::on_parameters`] is to be called; false by default.
    fn is_on_parameters(&self) -> bool {
        false
    }

    /// Its value for these parameters; adds its gradient by each of
    /// [`Parameters::values`] to `gradient`. 0 by default.
    fn on_parameters(&self, parameters: &Parameters<'_>, gradient: &mut [f32]) -> f64 {
        let _ = (parameters, gradient);
        0.0
    }
}

/// Which step a penalty is computed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PenaltyStep {
    /// The task.
    pub task: usize,
    /// Task steps done before this one.
    pub global_step: u64,
    /// Task steps of the whole run.
    pub total_task_steps: u64,
}

impl PenaltyStep {
    /// The part of the run that is done, 0 at its first step.
    pub fn progress(&self) -> f64 {
        self.global_step as f64 / self.total_task_steps.max(1) as f64
    }
}

/// Connection probabilities of one task.
#[derive(Clone, Copy, Debug)]
pub struct Connections<'a> {
    /// The step.
    pub step: PenaltyStep,
    /// The probabilities of all components of all routed layers, layer after
    /// layer, 0 to 1. A fixed router has its 0/1 connections.
    pub probabilities: &'a [f32],
    /// What each component counts in a budget: 0 in a field with gates, and 1 on average
    /// in the others.
    pub costs: &'a [f64],
    pub(super) routed: &'a [RoutedLayer],
}

/// Connection probabilities of one task in one routed layer.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectedLayer<'a> {
    /// Name of the field.
    pub name: &'a str,
    /// True if its router learns: a fixed one has nothing to penalize.
    pub is_learned: bool,
    /// The indices of its components among those of all routed layers.
    pub components: Range<usize>,
    /// Their probabilities.
    pub probabilities: &'a [f32],
}

impl<'a> Connections<'a> {
    /// The routed layers, in data-flow order.
    pub fn layers(&self) -> impl Iterator<Item = ConnectedLayer<'a>> + use<'a> {
        let probabilities = self.probabilities;
        self.routed.iter().map(move |layer| ConnectedLayer {
            name: &layer.name,
            is_learned: layer.is_learned(),
            components: layer.components.clone(),
            probabilities: &probabilities[layer.components.clone()],
        })
    }

    /// Components that routers connect: those of all routed layers, without the
    /// layers that gates weigh. At least 1, since it divides.
    pub(super) fn counted(&self) -> usize {
        let layers = self.routed.iter().filter(|layer| !layer.is_gated());
        layers
            .map(|layer| layer.components.len())
            .sum::<usize>()
            .max(1)
    }
}

/// The model parameters.
#[derive(Clone, Copy, Debug)]
pub struct Parameters<'a> {
    /// The step.
    pub step: PenaltyStep,
    /// The values of all parameters, one after the other.
    pub values: &'a [f32],
    /// Path, shape and range in [`Self::values`] of each parameter.
    pub list: &'a [ParameterPlan],
}
