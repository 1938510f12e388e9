//! An experiment that is judged by a metric of its own.

use paramalloc_core::data::TargetKind;
use paramalloc_core::metric::{Accuracy, Goal, Metric, Predictions};

use crate::{experiment, run, train};

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
fn its_values_are_the_results() {
    let parent = tempfile::tempdir().unwrap();
    let path = |name: &str| parent.path().join(name);
    let by_accuracy = train(&experiment(), &path("accuracy")).summary;
    let by_errors = train(&experiment().metric(ErrorRate), &path("errors")).summary;
    assert_eq!(by_errors.metric, "error_rate");
    for (accuracy, errors) in by_accuracy.tasks.iter().zip(&by_errors.tasks) {
        let sum = accuracy.results["train"] + errors.results["train"];
        assert!((sum - 1.0).abs() < 1e-12, "{sum}");
    }
    // One of the library, by its name.
    let chosen = path("f1").display().to_string();
    let arguments = ["--quiet", "--metric", "f1", "--logdir", &chosen];
    run(&experiment(), &arguments).unwrap();
    run(&experiment(), &["eval", &chosen, "--once"]).unwrap();
    let summary = std::fs::read_to_string(path("f1").join("summary.json")).unwrap();
    assert!(summary.contains(r#""metric": "f1""#), "{summary}");
    let refused = run(&experiment(), &["--quiet", "--metric", "r2"]).unwrap_err();
    let sentence = refused.to_string();
    assert!(
        sentence.contains("r2 does not take the targets of"),
        "{sentence}"
    );

    let directory = path("errors").display().to_string();
    let evaluate = ["eval", &directory, "--once"];
    run(&experiment().metric(ErrorRate), &evaluate).unwrap();
    let lines = std::fs::read_to_string(path("errors").join("evaluations.jsonl")).unwrap();
    let wanted = by_errors.tasks[0].results["train"].to_string();
    assert!(lines.contains(&wanted), "{lines}");
}
