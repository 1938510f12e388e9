//! Results as comma separated values.

use std::fmt::Write as _;

use paramalloc_core::summary::MIXED;

use super::super::estimate::Estimate;
use super::super::results::{MethodResults, Results};

const COLUMNS: [&str; 20] = [
    "method",
    "seeds",
    "task",
    "split",
    "metric",
    "mean",
    "deviation",
    "low",
    "high",
    "difference",
    "difference_low",
    "difference_high",
    "common_seeds",
    "p",
    "p_corrected",
    "relative_gain",
    "parameter_share",
    "multiply_add_share",
    "multiply_adds",
    "seconds",
];

/// A row for each method and task, then one for the mean over the tasks, which
/// alone has what the method needs. It has no values where the tasks have
/// different metrics.
pub(super) fn csv(results: &Results) -> String {
    let mut text = COLUMNS.join(",") + "\n";
    for method in &results.methods {
        for task in 0..results.tasks.len() {
            row(&mut text, results, method, Some(task));
        }
        row(&mut text, results, method, None);
    }
    text
}

fn row(text: &mut String, results: &Results, method: &MethodResults, task: Option<usize>) {
    let (outcome, metric) = (method.outcome(task), results.metric_of(task));
    let estimate = outcome.map(|outcome| outcome.estimate);
    let number = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
    let within = |estimate: Estimate, range: (f64, f64)| estimate.interval(range);
    let interval = estimate.zip(metric).and_then(|(e, m)| within(e, m.range));
    let difference = outcome.and_then(|outcome| outcome.difference);
    let difference_interval = difference
        .zip(metric)
        .and_then(|(d, m)| within(d.estimate, m.difference_range()));
    let seeds: Vec<String> = method.seeds.iter().map(u64::to_string).collect();
    let of_mean = |value: Option<f64>| number(value.filter(|_| task.is_none()));
    let cells = [
        field(&method.label),
        seeds.join(" "),
        field(task.map_or("", |task| &results.tasks[task].name)),
        field(&results.split),
        field(metric.map_or(MIXED, |metric| &metric.name)),
        number(estimate.map(|e| e.mean)),
        number(estimate.and_then(|e| e.deviation)),
        number(interval.map(|i| i.0)),
        number(interval.map(|i| i.1)),
        number(difference.map(|d| d.estimate.mean)),
        number(difference_interval.map(|i| i.0)),
        number(difference_interval.map(|i| i.1)),
        difference.map_or(String::new(), |d| d.seeds.to_string()),
        number(difference.and_then(|d| d.p)),
        number(difference.and_then(|d| d.corrected)),
        of_mean(method.gain.map(|gain| gain.mean)),
        of_mean(Some(method.parameter_share.mean)),
        of_mean(Some(method.multiply_add_share.mean)),
        of_mean(method.multiply_adds.map(|m| m.mean)),
        of_mean(method.seconds.map(|s| s.mean)),
    ];
    let _ = writeln!(text, "{}", cells.join(","));
}

/// Quoted where a comma, a quote or a line break asks for it.
fn field(text: &str) -> String {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}
