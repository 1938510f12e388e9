//! A loss as a metric.

use super::interface::{Goal, Metric, Predictions};
use crate::data::TargetKind;
use crate::loss::{MeanAbsoluteError, MeanSquaredError, Share, TaskLoss};

/// The mean of a loss over the labels that are present, each weighing as its
/// example does.
#[derive(Clone, Copy, Debug)]
pub struct MeanLoss(pub &'static dyn TaskLoss);

impl Metric for MeanLoss {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn accepts(&self, targets: TargetKind) -> bool {
        targets == self.0.target_kind()
    }

    fn goal(&self) -> Goal {
        Goal::Minimize
    }

    fn value(&self, predictions: &Predictions<'_>) -> Option<f64> {
        let (mut sum, mut all) = (0.0, 0.0);
        for (outputs, target, weight) in predictions.examples() {
            let present = target.present();
            if present > 0 {
                let share = Share { weight, total: 1.0 };
                sum += self.0.example(outputs, target, share, None);
                all += f64::from(weight) * present as f64;
            }
        }
        (all > 0.0).then(|| sum / all)
    }

    fn in_units(&self, value: f64, unit: f64) -> f64 {
        match self.name() {
            name if name == MeanAbsoluteError.name() => value * unit,
            name if name == MeanSquaredError.name() => value * unit * unit,
            _ => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{BatchTargets, Targets};
    use crate::loss::Huber;
    use crate::metric::{R2, RootMeanSquaredError};

    #[test]
    fn errors_are_told_in_the_units_of_the_targets() {
        let metrics: [(&dyn Metric, f64); 5] = [
            (&MeanLoss(&MeanAbsoluteError), 6.0),
            (&MeanLoss(&MeanSquaredError), 18.0),
            (&RootMeanSquaredError, 6.0),
            // It is of the standardized targets.
            (&MeanLoss(&Huber), 2.0),
            (&R2, 2.0),
        ];
        for (metric, wanted) in metrics {
            assert_eq!(metric.in_units(2.0, 3.0), wanted, "{}", metric.name());
        }
    }

    #[test]
    fn missing_values_are_left_out_and_weights_count() {
        let values = [1.0, f32::NAN, f32::NAN, f32::NAN, 0.0, 0.0];
        let value = |weights| {
            MeanLoss(&MeanSquaredError).value(&Predictions {
                outputs: &[2.0; 6],
                width: 2,
                targets: BatchTargets {
                    targets: Targets::Values(&values),
                    weights,
                },
                kind: TargetKind::Values,
            })
        };
        assert_eq!(value(None), Some(9.0 / 3.0));
        assert_eq!(value(Some(&[2.0, 1.0, 1.0])), Some(10.0 / 4.0));
        assert_eq!(value(Some(&[0.0, 1.0, 0.0])), None);
    }
}
