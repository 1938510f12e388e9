//! Metrics of predicted values.

use super::interface::{Goal, Metric, Predictions};
use super::scores::mean;
use crate::data::{TargetKind, Targets};

/// The root of the mean squared error of each output, the mean over the
/// outputs.
#[derive(Clone, Copy, Debug)]
pub struct RootMeanSquaredError;

/// The coefficient of determination, at most 1: the part of the variance of
/// each output that is predicted, the mean over the outputs that vary.
#[derive(Clone, Copy, Debug)]
pub struct R2;

impl Metric for RootMeanSquaredError {
    fn name(&self) -> &str {
        "root_mean_squared_error"
    }

    fn accepts(&self, targets: TargetKind) -> bool {
        targets == TargetKind::Values
    }

    fn goal(&self) -> Goal {
        Goal::Minimize
    }

    fn value(&self, predictions: &Predictions<'_>) -> Option<f64> {
        let outputs = sums(predictions).into_iter();
        mean(outputs.map(|sums| (sums.squared_error / sums.weight).sqrt()))
    }

    fn in_units(&self, value: f64, unit: f64) -> f64 {
        value * unit
    }
}

impl Metric for R2 {
    fn name(&self) -> &str {
        "r2"
    }

    fn accepts(&self, targets: TargetKind) -> bool {
        targets == TargetKind::Values
    }

    fn goal(&self) -> Goal {
        Goal::Maximize
    }

    fn guess(&self, targets: Targets<'_>) -> Option<f64> {
        matches!(targets, Targets::Values(_)).then_some(0.0)
    }

    fn value(&self, predictions: &Predictions<'_>) -> Option<f64> {
        let outputs = sums(predictions)
            .into_iter()
            .filter(|sums| sums.spread > 0.0);
        mean(outputs.map(|sums| 1.0 - sums.squared_error / sums.spread))
    }
}

/// Sums over the values of one output that are present, each weighing as its
/// example does.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    weight: f64,
    /// Of the values.
    value: f64,
    /// Of the squared differences of prediction and value.
    squared_error: f64,
    /// Of the squared differences of the values and their mean.
    spread: f64,
}

/// Of each output that has values.
fn sums(predictions: &Predictions<'_>) -> Vec<Sums> {
    let mut all = vec![Sums::default(); predictions.width];
    for (outputs, target, weight) in predictions.examples() {
        let weight = f64::from(weight);
        for (k, difference) in target.differences(outputs) {
            all[k].weight += weight;
            all[k].value += weight * (f64::from(outputs[k]) - difference);
            all[k].squared_error += weight * difference * difference;
        }
    }
    for (_, target, weight) in predictions.examples() {
        for (k, value) in target.values_present() {
            let difference = f64::from(value) - all[k].value / all[k].weight;
            all[k].spread += f64::from(weight) * difference * difference;
        }
    }
    all.retain(|sums| sums.weight > 0.0);
    all
}
