//! Results of an evaluation: the splits that matter, and means.

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
