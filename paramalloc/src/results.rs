//! Results of an evaluation: the splits that matter, and means.

use paramalloc_core::summary::EvaluationMetric;
use paramalloc_plot::format;

/// Results on this split choose the best checkpoint; without it there is
/// none.
pub const VALIDATION: &str = "validation";

/// Results on this split are reported.
pub const TEST: &str = "test";

/// The mean over all tasks on a split by which checkpoints are chosen: of their
/// results, or of their losses where the results are of different metrics.
pub fn mean_result(evaluation: &EvaluationMetric, split: &str) -> Option<f64> {
    let by_split = match evaluation.losses.is_empty() {
        true => &evaluation.results,
        false => &evaluation.losses,
    };
    format::mean(by_split.get(split)?.iter().copied())
}
