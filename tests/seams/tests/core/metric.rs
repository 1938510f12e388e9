//! A metric written outside.

use std::sync::Arc;

use paramalloc_core::data::{Examples, FloatInputs, TargetKind};
use paramalloc_core::error::Error;
use paramalloc_core::metric::{Accuracy, Goal, MeanLoss, Metric, Predictions};
use seams::{settings, trainer};

/// The share of examples that are predicted wrong.
#[derive(Debug)]
struct ErrorRate;

impl Metric for ErrorRate {
    fn name(&self) -> &str {
        "error_rate"
    }

    fn accepts(&self, targets: TargetKind) -> bool {
        targets == TargetKind::Classes
    }

    fn goal(&self) -> Goal {
        Goal::Minimize
    }

    fn value(&self, predictions: &Predictions<'_>) -> Option<f64> {
        Accuracy.value(predictions).map(|accuracy| 1.0 - accuracy)
    }
}

#[test]
fn a_users_metric_judges_predictions() {
    let inputs: Vec<f32> = (0..40 * 3).map(|i| (i * 7 % 11) as f32 / 11.0).collect();
    let classes: Vec<u16> = (0..40).map(|i| u16::from(i % 3 == 0)).collect();
    let inputs = Arc::new(FloatInputs::new(3, inputs).unwrap());
    let examples = Examples::new(inputs, classes).unwrap();
    let mut trainer = trainer(&settings());
    let accuracy = trainer.evaluate(0, &examples).unwrap();
    let wrong = trainer.evaluate_by(0, &examples, &ErrorRate).unwrap();
    assert_eq!(wrong.loss, accuracy.loss);
    let sum = wrong.metric.unwrap() + accuracy.metric.unwrap();
    assert!((sum - 1.0).abs() < 1e-12, "{sum}");
    let squares = MeanLoss(&paramalloc_core::loss::MeanSquaredError);
    let refused = trainer.evaluate_by(0, &examples, &squares).unwrap_err();
    assert!(matches!(refused, Error::MetricTargets { .. }), "{refused}");
}
