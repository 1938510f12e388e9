//! Tests of reading, writing and checking; a summary for other tests.

use std::fs;
use std::path::PathBuf;

use super::*;

/// A summary of `tasks` tasks that use everything in `layers` (name and number
/// of components), without probabilities.
pub(super) fn summary(tasks: usize, layers: &[(&str, usize)]) -> Summary {
    let task = |index| TaskSummary {
        metric: None,
        name: format!("task {index}"),
        group: String::new(),
        results: [("test".to_owned(), 0.5)].into(),
        guess: [].into(),
        parameter_share: 1.0,
        multiply_add_share: 1.0,
    };
    let layer = |&(name, components): &(&str, usize)| RoutedLayerSummary {
        gated: false,
        name: name.into(),
        router_of: None,
        components: vec!["Linear".into(); components],
        probabilities: Vec::new(),
        allocation: vec![vec![1; components]; tasks],
    };
    Summary {
        format: FORMAT,
        experiment: "test".into(),
        method: "shared_bottom".into(),
        seed: 0,
        global_step: 30,
        total_task_steps: 30,
        finished: true,
        results_step: None,
        data: DataIdentity {
            name: "generated digits".into(),
            real: false,
            files: BTreeMap::new(),
        },
        metric: "accuracy".into(),
        tasks: (0..tasks).map(task).collect(),
        routed_layers: layers.iter().map(layer).collect(),
    }
}

/// A directory of its own for one test, removed at the end.
struct Directory(PathBuf);

impl Directory {
    fn new(test: &str) -> Self {
        let name = format!("paramalloc-summary-{}-{test}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn metrics(&self, text: &str, summary: &Summary) -> Result<MetricsFile, SummaryError> {
        fs::write(self.0.join("metrics.jsonl"), text).unwrap();
        read_metrics(&self.0, summary)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn train(step: u64, loss: f64) -> Metric {
    Metric::Train(TrainMetric {
        global_step: step,
        task_loss: vec![Some(loss), None],
        auxiliary_loss: 0.0,
        entropy: 0.0,
        temperature: 1.0,
        probabilities: BTreeMap::new(),
    })
}

fn evaluation(step: u64) -> Metric {
    Metric::Evaluation(EvaluationMetric {
        global_step: step,
        results: [("test".to_owned(), vec![0.25, 0.75])].into(),
        ..EvaluationMetric::default()
    })
}

fn lines(metrics: &[Metric]) -> String {
    let lines = metrics
        .iter()
        .map(|metric| serde_json::to_string(metric).unwrap() + "\n");
    lines.collect()
}

#[test]
fn what_is_written_is_read_back() {
    let directory = Directory::new("round-trip");
    let mut summary = summary(2, &[("a", 3)]);
    summary.routed_layers[0].probabilities = vec![vec![0.25, 0.5, 1.0]; 2];
    summary.write(&directory.0).unwrap();
    assert_eq!(Summary::read(&directory.0).unwrap(), summary);
    let of_0_1 = r#"{"name":"a","group":"","results":{},"majority_class":{"test":0.1},
        "parameter_share":1,"multiply_add_share":1}"#;
    let task: TaskSummary = serde_json::from_str(of_0_1).unwrap();
    assert_eq!(task.guess["test"], 0.1);
    let metrics = vec![train(10, 0.5), evaluation(10), train(20, 0.25)];
    let read = directory.metrics(&lines(&metrics), &summary).unwrap();
    assert_eq!((read.metrics, read.torn_line), (metrics, None));
    // Nothing is left of the way there.
    assert_eq!(fs::read_dir(&directory.0).unwrap().count(), 2);
}

#[test]
fn a_resumed_run_replaces_the_steps_that_it_repeats() {
    let directory = Directory::new("resumed");
    let summary = summary(2, &[]);
    let written = [
        train(10, 1.0),
        evaluation(10),
        train(20, 2.0),
        train(30, 3.0),
        evaluation(30),
    ];
    let again = [train(20, 4.0), evaluation(20)];
    let text = lines(&written) + &lines(&again);
    let read = directory.metrics(&text, &summary).unwrap();
    let kept = [
        train(10, 1.0),
        evaluation(10),
        train(20, 4.0),
        evaluation(20),
    ];
    assert_eq!(read.metrics, kept);
}

#[test]
fn only_the_last_line_may_be_torn() {
    let directory = Directory::new("torn");
    let summary = summary(2, &[]);
    let text = lines(&[train(10, 1.0), train(20, 2.0)]);
    let read = directory
        .metrics(&text[..text.len() - 9], &summary)
        .unwrap();
    assert_eq!(
        (read.metrics, read.torn_line),
        (vec![train(10, 1.0)], Some(2))
    );
    let error = directory.metrics(&text[9..], &summary).unwrap_err();
    assert!(
        matches!(error, SummaryError::Broken { line: 1, .. }),
        "{error}"
    );
}

#[test]
fn a_whole_last_line_needs_no_end_of_line() {
    let directory = Directory::new("no-end");
    let summary = summary(2, &[]);
    let read = directory
        .metrics(lines(&[train(10, 1.0)]).trim_end(), &summary)
        .unwrap();
    assert_eq!((read.metrics, read.torn_line), (vec![train(10, 1.0)], None));
}

#[test]
fn values_out_of_range_are_named() {
    type Change = fn(&mut Summary);
    let cases: [(Change, &str); 7] = [
        (|s| s.tasks.clear(), "`tasks` is empty"),
        (
            |s| s.tasks[1].results = [("test".to_owned(), f64::NAN)].into(),
            "`results.test` of task `task 1` is NaN",
        ),
        (
            |s| s.tasks[0].parameter_share = 1.5,
            "`parameter_share` of task `task 0` is 1.5, not within 0 and 1",
        ),
        (
            |s| s.routed_layers[1].name = "a".into(),
            "two routed layers are named `a`",
        ),
        (
            |s| s.routed_layers[0].components.clear(),
            "routed layer `a` has no components",
        ),
        (
            |s| s.routed_layers[1].probabilities = vec![vec![0.5, 1.5]; 2],
            "`probabilities` of routed layer `b` holds 1.5, not within 0 and 1",
        ),
        (
            |s| s.routed_layers[1].probabilities = vec![vec![0.5, 1.0]; 3],
            "`probabilities` of routed layer `b` has 3 rows, but there are 2 tasks",
        ),
    ];
    for (change, expected) in cases {
        let mut summary = summary(2, &[("a", 3), ("b", 2)]);
        summary.validate().unwrap();
        change(&mut summary);
        assert_eq!(summary.validate().unwrap_err(), expected);
    }
}

#[test]
fn an_inconsistent_summary_is_not_written() {
    let directory = Directory::new("inconsistent");
    let mut summary = summary(2, &[("a", 3)]);
    summary.routed_layers[0].allocation.pop();
    let error = summary.write(&directory.0).unwrap_err();
    assert!(
        matches!(error, SummaryError::Inconsistent { .. }),
        "{error}"
    );
    assert_eq!(fs::read_dir(&directory.0).unwrap().count(), 0);
}
