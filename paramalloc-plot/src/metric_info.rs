//! What is known of a metric by its name: its range and which way is better.

use paramalloc_core::metric::{self, Goal};
use paramalloc_core::summary::Summary;

/// Name of the metric of a task.
pub(crate) fn of_task(summary: &Summary, task: usize) -> &str {
    (summary.tasks.get(task)).map_or(&summary.metric, |task| summary.metric_of(task))
}

/// Whether more of the metric of this name is better; nothing for a metric or
/// loss of a user's own.
pub(crate) fn goal(name: &str) -> Option<Goal> {
    metric::by_name(name).ok().map(|metric| metric.goal())
}

/// Lowest and highest value that the metric of this name can have.
pub(crate) fn range(name: &str) -> (f64, f64) {
    match name {
        "accuracy" | "balanced_accuracy" | "roc_auc" | "average_precision" | "f1"
        | "calibration_error" => (0.0, 1.0),
        "log_loss"
        | "brier_score"
        | "mean_absolute_error"
        | "mean_squared_error"
        | "root_mean_squared_error" => (0.0, f64::INFINITY),
        "r2" => (f64::NEG_INFINITY, 1.0),
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_of_the_core_has_a_bound_and_a_goal() {
        for name in metric::NAMES {
            let (low, high) = range(name);
            assert!(low.is_finite() || high.is_finite(), "{name}");
            // The best value is a bound.
            let best = match goal(name) {
                Some(Goal::Maximize) => high,
                Some(Goal::Minimize) => low,
                None => f64::NAN,
            };
            assert!(best.is_finite(), "{name}");
        }
        assert_eq!(range("accuracy"), (0.0, 1.0));
        assert_eq!(goal("mine"), None);
    }
}
