//! The interface of a metric.

use std::fmt;

use crate::data::{BatchTargets, Target, TargetKind, Targets};

/// How well predictions meet their targets, in one number.
///
/// ```
/// use paramalloc_core::data::TargetKind;
/// use paramalloc_core::metric::{Goal, Metric, Predictions};
///
/// /// The largest error of all values.
/// #[derive(Debug)]
/// struct LargestError;
///
/// impl Metric for LargestError {
///     fn name(&self) -> &str {
///         "largest_error"
///     }
///
///     fn accepts(&self, targets: TargetKind) -> bool {
///         targets == TargetKind::Values
///     }
///
///     fn goal(&self) -> Goal {
///         Goal::Minimize
///     }
///
///     fn value(&self, predictions: &Predictions<'_>) -> Option<f64> {
///         let errors = predictions.examples().flat_map(|(outputs, target, _)| {
///             let differences: Vec<_> = target.differences(outputs).collect();
///             differences.into_iter().map(|(_, d)| d.abs())
///         });
///         errors.reduce(f64::max)
///     }
/// }
/// ```
pub trait Metric: fmt::Debug + Send + Sync {
    /// Its name: lower case with underscores, as in `mean_squared_error`.
    fn name(&self) -> &str;

    /// True if it can judge predictions of these targets.
    fn accepts(&self, targets: TargetKind) -> bool;

    /// Whether more is better.
    fn goal(&self) -> Goal;

    /// Its value over all examples; nothing where it is undefined: without a
    /// label that is present for example.
    fn value(&self, predictions: &Predictions<'_>) -> Option<f64>;

    /// Its value where a network says the same of every example, as well as it can: a
    /// task that is no better has learned nothing. Nothing, the default, where that is
    /// not known; not asked for where less is better.
    fn guess(&self, targets: Targets<'_>) -> Option<f64> {
        let _ = targets;
        None
    }

    /// A value of it where a difference of 1 between targets is `unit` in the units of
    /// the user. An error is `unit` times as large, and all else, the default, stays as
    /// it is.
    fn in_units(&self, value: f64, unit: f64) -> f64 {
        let _ = unit;
        value
    }
}

/// Whether more or less of a metric is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// More is better.
    Maximize,
    /// Less is better.
    Minimize,
}

impl Goal {
    /// True if `a` is better than `b`; NaN is never better.
    pub fn is_better(self, a: f64, b: f64) -> bool {
        match self {
            Self::Maximize => a > b,
            Self::Minimize => a < b,
        }
    }
}

/// What a network makes of some examples of a task, with their targets.
#[derive(Clone, Copy, Debug)]
pub struct Predictions<'a> {
    /// Outputs of the task's head, `[examples, width]`: logits for classes and
    /// labels, else values.
    pub outputs: &'a [f32],
    /// Width of the task's head, at least 1.
    pub width: usize,
    /// The targets, and what the examples weigh.
    pub targets: BatchTargets<'a>,
    /// What the targets are.
    pub kind: TargetKind,
}

impl<'a> Predictions<'a> {
    /// Of each example that weighs something its outputs, target and weight.
    pub fn examples(&self) -> impl Iterator<Item = (&'a [f32], Target<'a>, f32)> + use<'a> {
        let (width, targets) = (self.width, self.targets);
        let all = self.outputs.chunks_exact(width).enumerate();
        let weighted = all.map(move |(i, o)| (o, targets.target(i, width), targets.weight(i)));
        weighted.filter(|&(_, _, weight)| weight > 0.0)
    }
}
