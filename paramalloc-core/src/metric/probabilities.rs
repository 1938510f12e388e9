//! Metrics of the probabilities that a network gives.

use super::interface::{Goal, Metric, Predictions};
use super::mean_loss::MeanLoss;
use super::scores::{largest, sigmoid, softmax};
use crate::data::{Target, TargetKind};
use crate::loss::{BinaryCrossEntropy, SoftmaxCrossEntropy};

/// The mean of `-ln` of the probability of the class or of each label, nats.
#[derive(Clone, Copy, Debug)]
pub struct LogLoss;

/// The mean squared difference of probability and label, 0 to 1; of more than
/// two classes the sum over the classes, 0 to 2.
#[derive(Clone, Copy, Debug)]
pub struct BrierScore;

/// The expected calibration error, 0 to 1: the mean difference of confidence,
/// the probability of what is predicted, and accuracy, in 15 equal bins of the
/// confidence (Guo et al. 2017, "On Calibration of Modern Neural Networks").
#[derive(Clone, Copy, Debug)]
pub struct CalibrationError;

/// Bins of the confidence; each has its upper border.
const BINS: usize = 15;

impl Metric for LogLoss {
    fn name(&self) -> &str {
        "log_loss"
    }

    fn accepts(&self, targets: TargetKind) -> bool {
        matches!(targets, TargetKind::Classes | TargetKind::Labels)
    }

    fn goal(&self) -> Goal {
        Goal::Minimize
    }

    fn value(&self, predictions: &Predictions<'_>) -> Option<f64> {
        match predictions.kind {
            TargetKind::Classes => MeanLoss(&SoftmaxCrossEntropy).value(predictions),
            _ => MeanLoss(&BinaryCrossEntropy).value(predictions),
        }
    }
}

impl Metric for BrierScore {
    fn name(&self) -> &str {
        "brier_score"
    }

    fn accepts(&self, targets: TargetKind) -> bool {
        matches!(targets, TargetKind::Classes | TargetKind::Labels)
    }

    fn goal(&self) -> Goal {
        Goal::Minimize
    }

    fn value(&self, predictions: &Predictions<'_>) -> Option<f64> {
        let scale = if predictions.width == 2 { 0.5 } else { 1.0 };
        weighted_mean(predictions, |outputs, target, add| {
            if let Target::Class(class) = target {
                let squares = softmax(outputs).into_iter().enumerate().map(|(k, p)| {
                    let hit = if k == class { 1.0 } else { 0.0 };
                    (p - hit) * (p - hit)
                });
                add(scale * squares.sum::<f64>());
            }
            for (k, label) in target.values_present() {
                let difference = sigmoid(outputs[k]) - f64::from(label);
                add(difference * difference);
            }
        })
    }
}

impl Metric for CalibrationError {
    fn name(&self) -> &str {
        "calibration_error"
    }

    fn accepts(&self, targets: TargetKind) -> bool {
        matches!(targets, TargetKind::Classes | TargetKind::Labels)
    }

    fn goal(&self) -> Goal {
        Goal::Minimize
    }

    fn value(&self, predictions: &Predictions<'_>) -> Option<f64> {
        // Of each bin the sum of right - confidence.
        let (mut bins, mut all) = ([0.0; BINS], 0.0);
        for (outputs, target, weight) in predictions.examples() {
            let mut add = |confidence: f64, is_right: bool| {
                let bin = (confidence * BINS as f64).ceil() as usize;
                let right = if is_right { 1.0 } else { 0.0 };
                bins[bin.clamp(1, BINS) - 1] += f64::from(weight) * (right - confidence);
                all += f64::from(weight);
            };
            if let Target::Class(class) = target {
                let called = largest(outputs);
                add(softmax(outputs)[called], called == class);
            }
            for (k, label) in target.values_present() {
                let (probability, called) = (sigmoid(outputs[k]), outputs[k] >= 0.0);
                let confidence = if called {
                    probability
                } else {
                    1.0 - probability
                };
                add(confidence, called == (label >= 0.5));
            }
        }
        (all > 0.0).then(|| bins.iter().map(|sum| sum.abs()).sum::<f64>() / all)
    }
}

/// The mean of what `values` adds for each example, each value weighing as its
/// example does.
fn weighted_mean(
    predictions: &Predictions<'_>,
    values: impl Fn(&[f32], Target<'_>, &mut dyn FnMut(f64)),
) -> Option<f64> {
    let (mut sum, mut all) = (0.0, 0.0);
    for (outputs, target, weight) in predictions.examples() {
        values(outputs, target, &mut |value| {
            sum += f64::from(weight) * value;
            all += f64::from(weight);
        });
    }
    (all > 0.0).then(|| sum / all)
}
