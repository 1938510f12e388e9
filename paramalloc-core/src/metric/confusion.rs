//! What is taken for what.

use super::interface::Predictions;
use super::scores::largest;
use crate::data::{Target, TargetKind};

/// How many examples of each class are taken for each class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusionMatrix {
    classes: usize,
    counts: Vec<u64>,
}

impl ConfusionMatrix {
    /// One of a task that tells classes apart, of `width` classes; of independent
    /// labels one each, of 0 and 1; none of values. Classes are chosen as by
    /// [`Accuracy`](super::Accuracy). Examples without the label, and those that weigh
    /// nothing, are left out; the others count 1, whatever they weigh.
    pub fn of(predictions: &Predictions<'_>) -> Vec<Self> {
        let width = predictions.width;
        let mut matrices = match predictions.kind {
            TargetKind::Classes => vec![Self::new(width)],
            TargetKind::Labels => vec![Self::new(2); width],
            TargetKind::Values => Vec::new(),
        };
        if matrices.is_empty() {
            return matrices;
        }
        for (outputs, target, _) in predictions.examples() {
            if let Target::Class(class) = target {
                matrices[0].add(class, largest(outputs));
            }
            for (label, value) in target.values_present() {
                let called = usize::from(outputs[label] >= 0.0);
                matrices[label].add(usize::from(value >= 0.5), called);
            }
        }
        matrices
    }

    fn new(classes: usize) -> Self {
        Self {
            classes,
            counts: vec![0; classes * classes],
        }
    }

    fn add(&mut self, class: usize, called: usize) {
        self.counts[class * self.classes + called] += 1;
    }

    /// Of each class, in order of their numbers, how many of its examples are taken for
    /// each class.
    pub fn rows(&self) -> impl Iterator<Item = &[u64]> {
        self.counts.chunks_exact(self.classes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{BatchTargets, MISSING_CLASS, Targets};

    fn rows(
        outputs: &[f32],
        width: usize,
        targets: BatchTargets<'_>,
        kind: TargetKind,
    ) -> Vec<Vec<Vec<u64>>> {
        let matrices = ConfusionMatrix::of(&Predictions {
            outputs,
            width,
            targets,
            kind,
        });
        let rows = |matrix: &ConfusionMatrix| matrix.rows().map(<[u64]>::to_vec).collect();
        matrices.iter().map(rows).collect()
    }

    /// `sklearn.metrics.confusion_matrix([2, 0, 1, 0], [1, 0, 1, 2])`.
    #[test]
    fn classes_are_counted_by_row_and_column() {
        let outputs = [
            0.0, 2.0, 1.0, 5.0, 0.0, 0.0, 0.0, 9.0, 1.0, 0.0, 0.0, 3.0, 1.0, 0.0, 0.0,
        ];
        let classes = [2, 0, 1, 0, MISSING_CLASS];
        let targets = BatchTargets::from(Targets::Classes(&classes));
        let expected = [[1, 0, 1], [0, 1, 0], [0, 1, 0]].map(Vec::from).to_vec();
        assert_eq!(rows(&outputs, 3, targets, TargetKind::Classes), [expected]);
        let weighted = BatchTargets {
            weights: Some(&[0.0, 3.0, 0.5, 0.0, 1.0]),
            ..targets
        };
        let expected = [[1, 0, 0], [0, 1, 0], [0, 0, 0]].map(Vec::from).to_vec();
        assert_eq!(rows(&outputs, 3, weighted, TargetKind::Classes), [expected]);
    }

    #[test]
    fn each_label_has_a_matrix_and_values_have_none() {
        let outputs = [1.0, -1.0, 0.0, 2.0, -3.0, 4.0];
        let labels = [1.0, 1.0, 0.0, f32::NAN, 0.0, 1.0];
        let targets = BatchTargets::from(Targets::Values(&labels));
        let found = rows(&outputs, 2, targets, TargetKind::Labels);
        assert_eq!(found[0], [[1, 1], [0, 1]].map(Vec::from).to_vec());
        assert_eq!(found[1], [[0, 0], [1, 1]].map(Vec::from).to_vec());
        assert!(rows(&outputs, 2, targets, TargetKind::Values).is_empty());
    }
}
