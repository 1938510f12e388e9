//! Accuracy.

use super::interface::{Goal, Metric, Predictions};
use super::scores::largest;
use crate::data::{Target, TargetKind, Targets};

/// The share, 0 to 1, of examples whose largest logit, the first of equals, is
/// that of their class; or of labels on whose side of 1/2 the probability is
/// (of exactly 1/2 it is 1's). Missing ones are left out, and each counts by
/// the weight of its example.
#[derive(Clone, Copy, Debug)]
pub struct Accuracy;

impl Metric for Accuracy {
    fn name(&self) -> &str {
        "accuracy"
    }

    fn accepts(&self, targets: TargetKind) -> bool {
        matches!(targets, TargetKind::Classes | TargetKind::Labels)
    }

    fn goal(&self) -> Goal {
        Goal::Maximize
    }

    fn guess(&self, targets: Targets<'_>) -> Option<f64> {
        targets.majority_class()
    }

    fn value(&self, predictions: &Predictions<'_>) -> Option<f64> {
        let (mut right, mut all) = (0.0, 0.0);
        for (outputs, target, weight) in predictions.examples() {
            let weight = f64::from(weight);
            if let Target::Class(class) = target {
                all += weight;
                right += if largest(outputs) == class {
                    weight
                } else {
                    0.0
                };
            }
            for (k, label) in target.values_present() {
                all += weight;
                let is_right = (outputs[k] >= 0.0) == (label >= 0.5);
                right += if is_right { weight } else { 0.0 };
            }
        }
        (all > 0.0).then(|| right / all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{BatchTargets, MISSING_CLASS, Targets};

    fn accuracy(outputs: &[f32], targets: BatchTargets<'_>, kind: TargetKind) -> Option<f64> {
        Accuracy.value(&Predictions {
            outputs,
            width: 2,
            targets,
            kind,
        })
    }

    #[test]
    fn classes_count_by_their_weight() {
        let outputs = [0.0, 1.0, 2.0, 1.0, 3.0, 3.0, 0.0, 1.0];
        let classes = [1, 1, 0, MISSING_CLASS];
        let mut targets = BatchTargets::from(Targets::Classes(&classes));
        let of = |targets| accuracy(&outputs, targets, TargetKind::Classes);
        assert_eq!(of(targets), Some(2.0 / 3.0));
        targets.weights = Some(&[1.0, 2.0, 1.0, 5.0]);
        assert_eq!(of(targets), Some(0.5));
        targets.weights = Some(&[0.0, 0.0, 0.0, 5.0]);
        assert_eq!(of(targets), None);
    }

    #[test]
    fn labels_are_told_at_one_half() {
        let (outputs, labels) = ([0.0, -1.0, 2.0, 1.0], [1.0, 0.0, f32::NAN, 0.0]);
        let targets = BatchTargets::from(Targets::Values(&labels));
        assert_eq!(
            accuracy(&outputs, targets, TargetKind::Labels),
            Some(2.0 / 3.0)
        );
    }
}
