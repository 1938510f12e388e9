//! Results of an evaluation: the name of the metric, means, which one is
//! better.

use paramalloc_core::network::Loss;
use paramalloc_core::summary::EvaluationMetric;
use paramalloc_plot::format;

/// Results on this split choose the best checkpoint; without it there is
/// none.
pub const VALIDATION: &str = "validation";

/// Results on this split are reported.
pub const TEST: &str = "test";

/// The mean over all tasks on a split.
pub fn mean_result(evaluation: &EvaluationMetric, split: &str) -> Option<f64> {
    format::mean(evaluation.results.get(split)?.iter().copied())
}

/// True if the metric of a network with this loss is better at `a`.
pub fn is_better(loss: Loss, a: f64, b: f64) -> bool {
    match loss {
        Loss::SoftmaxCrossEntropy => a > b,
        Loss::MeanSquaredError => a < b,
    }
}

/// Name of the metric of a network with this loss.
pub fn metric(loss: Loss) -> &'static str {
    match loss {
        Loss::SoftmaxCrossEntropy => "accuracy",
        Loss::MeanSquaredError => "mean_squared_error",
    }
}
