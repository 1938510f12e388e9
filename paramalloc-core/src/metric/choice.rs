//! Metrics by name.

use std::sync::Arc;

use super::accuracy::Accuracy;
use super::decisions::{BalancedAccuracy, F1};
use super::interface::Metric;
use super::mean_loss::MeanLoss;
use super::of_values::{R2, RootMeanSquaredError};
use super::probabilities::{BrierScore, CalibrationError, LogLoss};
use super::ranking::{AveragePrecision, RocAuc};
use crate::data::TargetKind;
use crate::error::Error;
use crate::loss::{Loss, MeanAbsoluteError, MeanSquaredError};
use crate::network::{Network, TaskHead};

/// The metric that a network with this loss is judged by:
///
/// | loss | metric |
/// |---|---|
/// | of classes or labels | accuracy |
/// | squared error | mean squared error |
/// | absolute error, Huber | mean absolute error |
/// | of a user's own | its mean |
///
/// `None` if only the name of a user's own loss is known.
pub fn of_loss(loss: &Loss) -> Option<Arc<dyn Metric>> {
    let task_loss = loss.task_loss()?;
    Some(match (loss, task_loss.target_kind()) {
        (Loss::Huber, _) => Arc::new(MeanLoss(&MeanAbsoluteError)),
        (Loss::Own(_), _) | (_, TargetKind::Values) => Arc::new(MeanLoss(task_loss)),
        (_, TargetKind::Classes | TargetKind::Labels) => Arc::new(Accuracy),
    })
}

/// Name of the metric of task `index`, whose head is `head`: the one `asked` for,
/// else that of its loss; `None` if only the name of a user's own loss is known.
pub fn name_of_task(
    asked: Option<&str>,
    network: &Network,
    index: usize,
    head: &TaskHead,
) -> Option<String> {
    let of_loss = || {
        Some(
            of_loss(&network.head.task_loss(index, head)?)?
                .name()
                .to_owned(),
        )
    };
    asked.map(str::to_owned).or_else(of_loss)
}

/// Names of the metrics of this crate.
pub const NAMES: [&str; 12] = [
    "accuracy",
    "balanced_accuracy",
    "roc_auc",
    "average_precision",
    "f1",
    "log_loss",
    "brier_score",
    "calibration_error",
    "mean_absolute_error",
    "mean_squared_error",
    "root_mean_squared_error",
    "r2",
];

/// The metric of this crate with this name.
///
/// # Errors
/// [`Error::UnknownName`] if it is none of [`NAMES`].
pub fn by_name(name: &str) -> Result<Arc<dyn Metric>, Error> {
    Ok(match name {
        "accuracy" => Arc::new(Accuracy),
        "balanced_accuracy" => Arc::new(BalancedAccuracy),
        "roc_auc" => Arc::new(RocAuc),
        "average_precision" => Arc::new(AveragePrecision),
        "f1" => Arc::new(F1),
        "log_loss" => Arc::new(LogLoss),
        "brier_score" => Arc::new(BrierScore),
        "calibration_error" => Arc::new(CalibrationError),
        "mean_absolute_error" => Arc::new(MeanLoss(&MeanAbsoluteError)),
        "mean_squared_error" => Arc::new(MeanLoss(&MeanSquaredError)),
        "root_mean_squared_error" => Arc::new(RootMeanSquaredError),
        "r2" => Arc::new(R2),
        _ => return Err(Error::unknown("a metric", name, &NAMES)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{TargetKind, Targets};
    use crate::loss::BinaryCrossEntropy;
    use crate::metric::{Goal, Predictions};

    #[test]
    fn each_loss_has_a_metric_that_accepts_its_targets() {
        let names = [
            (Loss::SoftmaxCrossEntropy, "accuracy"),
            (Loss::Focal, "accuracy"),
            (Loss::BinaryCrossEntropy, "accuracy"),
            (Loss::MeanSquaredError, "mean_squared_error"),
            (Loss::MeanAbsoluteError, "mean_absolute_error"),
            (Loss::Huber, "mean_absolute_error"),
            (Loss::own(&BinaryCrossEntropy), "binary_cross_entropy"),
        ];
        for (loss, name) in names {
            let metric = of_loss(&loss).unwrap();
            assert_eq!(metric.name(), name);
            assert!(metric.accepts(loss.target_kind().unwrap()));
        }
        let unbound: Loss = serde_json::from_str(r#"{"own":"mine"}"#).unwrap();
        assert!(of_loss(&unbound).is_none());
    }

    #[test]
    fn a_guess_is_what_the_same_outputs_for_every_example_come_to() {
        let (classes, labels) = ([0, 2, 2, 0, 2, 1, 2], [0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0]);
        let cases = [
            (Targets::Classes(&classes), TargetKind::Classes, 3, 2),
            (Targets::Values(&labels), TargetKind::Labels, 1, 0),
            (Targets::Values(&labels), TargetKind::Values, 1, 0),
        ];
        let mut guesses = 0;
        for metric in NAMES.map(|name| by_name(name).unwrap()) {
            for (targets, kind, width, largest) in cases {
                let Some(guess) = metric.guess(targets).filter(|_| metric.accepts(kind)) else {
                    continue;
                };
                let mut outputs = vec![0.0; width];
                outputs[largest] = 5.0 / 7.0;
                let value = metric.value(&Predictions {
                    outputs: &outputs.repeat(7),
                    width,
                    targets: targets.into(),
                    kind,
                });
                let name = metric.name();
                assert!((value.unwrap() - guess).abs() < 1e-6, "{name}: {value:?}");
                assert_eq!(metric.goal(), Goal::Maximize);
                guesses += 1;
            }
        }
        assert_eq!(guesses, 6);
    }

    #[test]
    fn metrics_are_found_by_their_names() {
        for name in NAMES {
            assert_eq!(by_name(name).unwrap().name(), name);
        }
        let unknown = by_name("roc").unwrap_err().to_string();
        assert!(
            unknown.contains("`roc` is not a metric; choose accuracy"),
            "{unknown}"
        );
    }
}
