//! Results as comma separated values.

use std::fmt::Write as _;

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
/// alone has what the method needs.
pub(super) fn csv(results: &Results) -> String {
    let mut text = COLUMNS.join(",") + "\n";
    for method in &results.methods {
        for (task, name) in results.tasks.iter().enumerate() {
            row(&mut text, results, method, Some((task, name)));
        }
        row(&mut text, results, method, None);
    }
    text
}

fn row(text: &mut String, results: &Results, method: &MethodResults, task: Option<(usize, &str)>) {
    let outcome = method.outcome(task.map(|(index, _)| index));
    let number = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
    let interval = outcome.estimate.interval(results.range);
    let difference = outcome.difference;
    let difference_interval =
        difference.and_then(|d| d.estimate.interval(results.difference_range()));
    let seeds: Vec<String> = method.seeds.iter().map(u64::to_string).collect();
    let of_mean = |value: Option<f64>| number(value.filter(|_| task.is_none()));
    let cells = [
        field(&method.label),
        seeds.join(" "),
        field(task.map_or("", |(_, name)| name)),
        field(&results.split),
        field(&results.metric),
        number(Some(outcome.estimate.mean)),
        number(outcome.estimate.deviation),
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
