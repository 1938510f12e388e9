//! Losses of the examples of a batch, labels that are missing and weights
//! included.

use std::iter;

use super::interface::{Share, TaskLoss};
use crate::data::{BatchTargets, Targets};

/// Sum of the weights of the labels that are present.
pub(crate) fn batch_weight(targets: BatchTargets<'_>, examples: usize, outputs: usize) -> f64 {
    let of_example = |i| f64::from(targets.weight(i)) * targets.target(i, outputs).present() as f64;
    (0..examples).map(of_example).sum()
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
/// The share of label `index`, of an example or of a pixel, in the loss of a batch whose labels weigh
/// `total` in all; `gradient`, where it is asked for, gets that of `outputs`.
/// An example without a label or a weight has no share.
pub(crate) fn example_loss(
    loss: &dyn TaskLoss,
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
    loss.example(outputs, target, Share { weight, total }, gradient)
}

#[cfg(test)]
mod tests {
    use super::super::{MeanSquaredError, SoftmaxCrossEntropy};
    use super::*;
    use crate::data::MISSING_CLASS;

    #[test]
    fn what_is_missing_or_weighs_nothing_has_no_share() {
        let (classes, weights) = ([1, MISSING_CLASS, 0], [1.0, 1.0, 0.0]);
        let labels = BatchTargets {
            targets: Targets::Classes(&classes),
            weights: Some(&weights),
        };
        let total = batch_weight(labels, 3, 2);
        assert_eq!(total, 1.0);
        for index in [1, 2] {
            let (outputs, mut gradient) = ([3.0, 1.0], [9.0; 2]);
            let of = (labels, index);
            let value = example_loss(
                &SoftmaxCrossEntropy,
                &outputs,
                of,
                total,
                Some(&mut gradient),
            );
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
        assert_eq!(batch_weight(labels, 3, 3), 6.5);
    }

    #[test]
    fn the_mean_is_over_the_values_that_are_present() {
        let values = [1.0, f32::NAN, 3.0, 5.0];
        let labels = BatchTargets::from(Targets::Values(&values));
        let total = batch_weight(labels, 2, 2);
        assert_eq!(total, 3.0);
        let mut gradient = [9.0; 2];
        let of = (labels, 0);
        let value = example_loss(
            &MeanSquaredError,
            &[4.0, 4.0],
            of,
            total,
            Some(&mut gradient),
        );
        assert_eq!((value, gradient), (3.0, [2.0, 0.0]));
    }
}
