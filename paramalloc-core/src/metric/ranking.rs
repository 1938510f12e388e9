//! Metrics of the order of the scores.

use super::interface::{Goal, Metric, Predictions};
use super::scores::{Scored, by_score, mean_of, problems};
use crate::data::{TargetKind, Targets};

/// The area under the ROC curve, 0 to 1: how likely a positive example has a
/// higher score than a negative one, equal scores counting half. Of several
/// labels, or more than two classes (each against the rest), the mean over
/// those that have examples of both kinds.
#[derive(Clone, Copy, Debug)]
pub struct RocAuc;

/// The average precision, 0 to 1: the mean of the precision at each threshold,
/// weighted by the gain in recall. Of several labels or more than two classes
/// the mean as for [`RocAuc`].
#[derive(Clone, Copy, Debug)]
pub struct AveragePrecision;

impl Metric for RocAuc {
    fn name(&self) -> &str {
        "roc_auc"
    }

    fn accepts(&self, targets: TargetKind) -> bool {
        matches!(targets, TargetKind::Classes | TargetKind::Labels)
    }

    fn goal(&self) -> Goal {
        Goal::Maximize
    }

    fn guess(&self, _: Targets<'_>) -> Option<f64> {
        Some(0.5)
    }

    fn value(&self, predictions: &Predictions<'_>) -> Option<f64> {
        mean_of(&problems(predictions), roc_auc)
    }
}

impl Metric for AveragePrecision {
    fn name(&self) -> &str {
        "average_precision"
    }

    fn accepts(&self, targets: TargetKind) -> bool {
        matches!(targets, TargetKind::Classes | TargetKind::Labels)
    }

    fn goal(&self) -> Goal {
        Goal::Maximize
    }

    fn value(&self, predictions: &Predictions<'_>) -> Option<f64> {
        mean_of(&problems(predictions), average_precision)
    }
}

fn roc_auc(problem: &[Scored]) -> Option<f64> {
    let (mut area, mut above) = (0.0, 0.0);
    let [mut negatives, mut positives] = [0.0, 0.0];
    for [negative, positive] in by_score(problem) {
        area += negative * (above + positive / 2.0);
        above += positive;
        negatives += negative;
        positives += positive;
    }
    (negatives > 0.0 && positives > 0.0).then(|| area / (negatives * positives))
}

fn average_precision(problem: &[Scored]) -> Option<f64> {
    let groups = by_score(problem);
    let total = |k: usize| groups.iter().map(|group| group[k]).sum::<f64>();
    let (negatives, positives) = (total(0), total(1));
    if negatives == 0.0 || positives == 0.0 {
        return None;
    }
    let (mut sum, mut found, mut called) = (0.0, 0.0, 0.0);
    for [negative, positive] in groups {
        found += positive;
        called += negative + positive;
        sum += positive / positives * (found / called);
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{BatchTargets, Targets};

    #[test]
    fn one_class_alone_has_no_order() {
        for classes in [[1, 1], [0, 0]] {
            let predictions = Predictions {
                outputs: &[0.0, 1.0, 2.0, 0.5],
                width: 2,
                targets: BatchTargets::from(Targets::Classes(&classes)),
                kind: TargetKind::Classes,
            };
            assert_eq!(RocAuc.value(&predictions), None);
            assert_eq!(AveragePrecision.value(&predictions), None);
        }
    }
}
