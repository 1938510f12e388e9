//! Losses of the examples of a batch, labels that are missing and weights
//! included.

use std::iter;

use super::interface::{Share, TaskLoss};
use crate::data::{BatchTargets, Target, Targets};

/// The loss of a task's head, and what its labels count.
#[derive(Clone, Copy)]
pub(crate) struct HeadLoss<'a> {
    /// The loss.
    pub loss: &'static dyn TaskLoss,
    /// What each label counts in an example that has it; 1 in one that lacks it.
    /// Empty where all count 1.
    pub label_weights: &'a [f32],
}

impl HeadLoss<'_> {
    /// Sum of the weights of the labels of `examples` examples (or pixels) that
    /// are present.
    pub(crate) fn batch_weight(
        self,
        targets: BatchTargets<'_>,
        examples: usize,
        outputs: usize,
    ) -> f64 {
        let of_example = |i| {
            let target = targets.target(i, outputs);
            let present = match self.label_weights {
                [] => target.present() as f64,
                _ => (target.values_present())
                    .map(|(k, label)| f64::from(self.label_weight(k, label)))
                    .sum(),
            };
            f64::from(targets.weight(i)) * present
        };
        (0..examples).map(of_example).sum()
    }

    /// The share of example (or pixel) `index` in the loss of a batch whose labels
    /// weigh `total` in all; `gradient`, where it is asked for, gets that of
    /// `outputs`. An example without a label or a weight has no share.
    pub(crate) fn example(
        self,
        outputs: &[f32],
        (targets, index): (BatchTargets<'_>, usize),
        total: f64,
        mut gradient: Option<&mut [f32]>,
    ) -> f64 {
        if let Some(gradient) = &mut gradient {
            gradient.fill(0.0);
        }
        let target = targets.target(index, outputs.len());
        let weight = targets.weight(index);
        if weight == 0.0 || target.present() == 0 {
            return 0.0;
        }
        if self.label_weights.is_empty() {
            let share = Share { weight, total };
            return self.loss.example(outputs, target, share, gradient);
        }
        let mut sum = 0.0;
        for (k, label) in target.values_present() {
            let weight = weight * self.label_weight(k, label);
            if weight > 0.0 {
                // Labels are independent, so one is like an example.
                let (output, target) = (&outputs[k..=k], Target::Values(&[label]));
                let gradient = gradient.as_deref_mut().map(|gradient| &mut gradient[k..=k]);
                let share = Share { weight, total };
                sum += self.loss.example(output, target, share, gradient);
            }
        }
        sum
    }

    /// What label `k` counts where it is this, 0 to 1.
    fn label_weight(self, k: usize, label: f32) -> f32 {
        1.0 + label * (self.label_weights[k] - 1.0)
    }
}

/// The targets of examples of `pixels` labels each with a weight per label: that
/// of the example, times what its class weighs, if classes do; `weights` takes
/// them.
pub(crate) fn by_label<'a>(
    targets: BatchTargets<'a>,
    (examples, pixels): (usize, usize),
    class_weights: &[f32],
    weights: &'a mut Vec<f32>,
) -> BatchTargets<'a> {
    let per_example = |given: &&[f32]| pixels > 1 && given.len() == examples;
    if let Some(given) = targets.weights.filter(per_example) {
        weights.clear();
        weights.extend((given.iter()).flat_map(|&weight| iter::repeat_n(weight, pixels)));
        by_class(targets.targets, class_weights, weights);
        return BatchTargets {
            weights: Some(weights),
            ..targets
        };
    }
    if class_weights.is_empty() || !matches!(targets.targets, Targets::Classes(_)) {
        return targets;
    }
    weights.clear();
    weights.extend((0..examples * pixels).map(|label| targets.weight(label)));
    by_class(targets.targets, class_weights, weights);
    BatchTargets {
        weights: Some(weights),
        ..targets
    }
}

/// Multiplies the weights of labels by those of their classes.
fn by_class(targets: Targets<'_>, class_weights: &[f32], weights: &mut [f32]) {
    let Targets::Classes(classes) = targets else {
        return;
    };
    for (weight, &class) in weights.iter_mut().zip(classes) {
        // A missing class has no label to weigh.
        let of_class = class_weights.get(usize::from(class));
        *weight *= of_class.copied().unwrap_or(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BinaryCrossEntropy, MeanSquaredError, SoftmaxCrossEntropy};
    use super::*;
    use crate::data::MISSING_CLASS;

    const CROSS_ENTROPY: HeadLoss<'_> = HeadLoss {
        loss: &SoftmaxCrossEntropy,
        label_weights: &[],
    };
    const SQUARED: HeadLoss<'_> = HeadLoss {
        loss: &MeanSquaredError,
        label_weights: &[],
    };

    #[test]
    fn what_is_missing_or_weighs_nothing_has_no_share() {
        let (classes, weights) = ([1, MISSING_CLASS, 0], [1.0, 1.0, 0.0]);
        let labels = BatchTargets {
            targets: Targets::Classes(&classes),
            weights: Some(&weights),
        };
        let total = CROSS_ENTROPY.batch_weight(labels, 3, 2);
        assert_eq!(total, 1.0);
        for index in [1, 2] {
            let (outputs, mut gradient) = ([3.0, 1.0], [9.0; 2]);
            let of = (labels, index);
            let value = CROSS_ENTROPY.example(&outputs, of, total, Some(&mut gradient));
            assert_eq!((value, gradient), (0.0, [0.0; 2]));
        }
    }

    #[test]
    fn the_loss_of_weighted_classes_is_divided_by_the_weights_that_occurred() {
        let (classes, weights) = ([1, MISSING_CLASS, 0], [2.0, 1.0, 1.0]);
        let labels = BatchTargets {
            targets: Targets::Classes(&classes),
            weights: Some(&weights),
        };
        let mut memory = Vec::new();
        let labels = by_label(labels, (3, 1), &[0.5, 3.0, 9.0], &mut memory);
        assert_eq!(labels.weights, Some(&[6.0, 1.0, 0.5][..]));
        assert_eq!(CROSS_ENTROPY.batch_weight(labels, 3, 3), 6.5);
    }

    #[test]
    fn the_mean_is_over_the_values_that_are_present() {
        let values = [1.0, f32::NAN, 3.0, 5.0];
        let labels = BatchTargets::from(Targets::Values(&values));
        let total = SQUARED.batch_weight(labels, 2, 2);
        assert_eq!(total, 3.0);
        let mut gradient = [9.0; 2];
        let of = (labels, 0);
        let value = SQUARED.example(&[4.0, 4.0], of, total, Some(&mut gradient));
        assert_eq!((value, gradient), (3.0, [2.0, 0.0]));
    }

    /// A label of weight 3 counts as three examples that have it, and as one that
    /// lacks it.
    #[test]
    fn weighted_labels_count_as_often() {
        let weighted = HeadLoss {
            loss: &BinaryCrossEntropy,
            label_weights: &[3.0, 1.0],
        };
        let plain = HeadLoss {
            label_weights: &[],
            ..weighted
        };
        let (labels, outputs) = ([1.0, 0.0, 0.0, f32::NAN], [0.5, -1.5]);
        let targets = BatchTargets::from(Targets::Values(&labels));
        assert_eq!(weighted.batch_weight(targets, 2, 2), 3.0 + 1.0 + 1.0);
        let (mut gradient, mut first, mut both) = ([9.0; 2], [9.0; 2], [9.0; 2]);
        let value = weighted.example(&outputs, (targets, 0), 5.0, Some(&mut gradient));
        let alone = [1.0, f32::NAN];
        let alone = BatchTargets::from(Targets::Values(&alone));
        let of_first = plain.example(&outputs, (alone, 0), 5.0, Some(&mut first));
        let of_both = plain.example(&outputs, (targets, 0), 5.0, Some(&mut both));
        assert!((value - (2.0 * of_first + of_both)).abs() < 1e-12);
        for k in 0..2 {
            assert!((gradient[k] - (2.0 * first[k] + both[k])).abs() < 1e-7);
        }
        let lacking = weighted.example(&outputs, (targets, 1), 5.0, None);
        assert_eq!(lacking, plain.example(&outputs, (targets, 1), 5.0, None));
    }
}
