//! Metrics by name.

use std::sync::Arc;

use super::accuracy::Accuracy;
use super::interface::Metric;
use super::mean_loss::MeanLoss;
use crate::data::TargetKind;
use crate::loss::{Loss, MeanAbsoluteError, MeanSquaredError, SoftmaxCrossEntropy};

/// The metric that a network with this loss is judged by: accuracy of classes
/// and labels, the mean absolute error for that loss and Huber's, else the
/// mean of the loss itself; nothing if only the name of a user's own loss is
/// known.
pub fn of_loss(loss: &Loss) -> Option<Arc<dyn Metric>> {
    let task_loss = loss.task_loss()?;
    Some(match (loss, task_loss.target_kind()) {
        (Loss::Huber, _) => Arc::new(MeanLoss(&MeanAbsoluteError)),
        (Loss::Own(_), _) | (_, TargetKind::Values) => Arc::new(MeanLoss(task_loss)),
        (_, TargetKind::Classes | TargetKind::Labels) => Arc::new(Accuracy),
    })
}

/// The metric of this crate with this name.
pub fn by_name(name: &str) -> Option<Arc<dyn Metric>> {
    let all: [Arc<dyn Metric>; 4] = [
        Arc::new(Accuracy),
        Arc::new(MeanLoss(&MeanSquaredError)),
        Arc::new(MeanLoss(&MeanAbsoluteError)),
        Arc::new(MeanLoss(&SoftmaxCrossEntropy)),
    ];
    all.into_iter().find(|metric| metric.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::BinaryCrossEntropy;

    #[test]
    fn each_loss_has_a_metric_that_accepts_its_targets() {
        let names = [
            (Loss::SoftmaxCrossEntropy, "accuracy"),
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
    fn metrics_are_found_by_their_names() {
        for name in ["accuracy", "mean_squared_error", "mean_absolute_error"] {
            assert_eq!(by_name(name).unwrap().name(), name);
        }
        assert!(by_name("no such metric").is_none());
    }
}
