//! Metrics of the decisions that a network makes.

use super::interface::{Goal, Metric, Predictions};
use super::scores::{Scored, largest, mean, mean_of, problems, weight_of};
use crate::data::{Target, TargetKind, Targets};

/// The mean recall of the classes that occur, 0 to 1; of several labels the
/// mean over those with examples of both kinds.
#[derive(Clone, Copy, Debug)]
pub struct BalancedAccuracy;

/// The harmonic mean of precision and recall, 0 to 1: of a label or the second
/// of two classes; of several labels, or more than two classes, the mean over
/// those that occur or are predicted.
#[derive(Clone, Copy, Debug)]
pub struct F1;

impl Metric for BalancedAccuracy {
    fn name(&self) -> &str {
        "balanced_accuracy"
    }

    fn accepts(&self, targets: TargetKind) -> bool {
        matches!(targets, TargetKind::Classes | TargetKind::Labels)
    }

    fn goal(&self) -> Goal {
        Goal::Maximize
    }

    fn guess(&self, targets: Targets<'_>) -> Option<f64> {
        match targets {
            Targets::Classes(_) => targets.classes().map(|classes| 1.0 / classes as f64),
            _ => Some(0.5),
        }
    }

    fn value(&self, predictions: &Predictions<'_>) -> Option<f64> {
        match predictions.kind {
            TargetKind::Classes => mean_recall(predictions),
            _ => mean_of(&problems(predictions), |problem| {
                let recall = |positive: bool| {
                    let all = weight_of(problem, |s| s.is_positive == positive);
                    let right =
                        |s: &Scored| s.is_positive == positive && s.is_called_positive == positive;
                    (all > 0.0).then(|| weight_of(problem, right) / all)
                };
                Some((recall(false)? + recall(true)?) / 2.0)
            }),
        }
    }
}

fn mean_recall(predictions: &Predictions<'_>) -> Option<f64> {
    let mut by_class = vec![[0.0, 0.0]; predictions.width];
    for (outputs, target, weight) in predictions.examples() {
        if let Target::Class(class) = target {
            let [right, all] = &mut by_class[class];
            *all += f64::from(weight);
            if largest(outputs) == class {
                *right += f64::from(weight);
            }
        }
    }
    let occurring = by_class.into_iter().filter(|[_, all]| *all > 0.0);
    mean(occurring.map(|[right, all]| right / all))
}

impl Metric for F1 {
    fn name(&self) -> &str {
        "f1"
    }

    fn accepts(&self, targets: TargetKind) -> bool {
        matches!(targets, TargetKind::Classes | TargetKind::Labels)
    }

    fn goal(&self) -> Goal {
        Goal::Maximize
    }

    fn value(&self, predictions: &Predictions<'_>) -> Option<f64> {
        mean_of(&problems(predictions), |problem| {
            let both = weight_of(problem, |s| s.is_positive && s.is_called_positive);
            let one = weight_of(problem, |s| s.is_positive != s.is_called_positive);
            (both + one > 0.0).then(|| 2.0 * both / (2.0 * both + one))
        })
    }
}
