//! The results of groups of runs as a Markdown table.

use std::fmt::Write as _;

use super::estimate::Estimate;
use super::groups::Group;
use crate::Error;

/// How the groups after the first differ from it in the mean over the tasks,
/// seed by seed; nothing where no two seeds are common.
fn differences(groups: &[Group], split: &str, percent: bool) -> String {
    let Some((first, others)) = groups.split_first() else {
        return String::new();
    };
    let mut rows = String::new();
    for group in others {
        let difference = Estimate::of_differences(&group.means(split), &first.means(split));
        if let Some(estimate) = difference {
            let (text, interval) = (estimate.text(percent), estimate.interval(percent));
            let _ = writeln!(rows, "| {} | {text} | {interval} |", group.label);
        }
    }
    match rows.is_empty() {
        true => rows,
        false => format!(
            "\n| less {}, same seeds | mean | 95 % interval |\n|---|---|---|\n{rows}",
            first.label
        ),
    }
}

/// A Markdown table of the groups: mean ± sample deviation of each task, and
/// the 95 % interval of the mean over the tasks; then how that differs between
/// the groups.
///
/// # Errors
/// If a run has no result for the split.
pub(super) fn results_table(groups: &[Group], split: &str) -> Result<String, Error> {
    let first = groups.first().map(|group| &group.runs[0]);
    let first = first.ok_or(Error::NoRuns)?;
    let percent = first.metric == "accuracy";
    let unit = if percent { ", %" } else { "" };
    let names: Vec<&str> = first.tasks.iter().map(|t| t.name.as_str()).collect();
    let mut text = format!(
        "| {} on `{split}`{unit} | seeds | {} | mean | 95 % interval |\n|---|---|{}---|---|\n",
        first.metric.replace('_', " "),
        names.join(" | "),
        "---|".repeat(names.len())
    );
    for group in groups {
        let estimates = group.estimates(split).ok_or_else(|| {
            let task = &group.runs[0].tasks[0];
            Error::NoResults {
                group: group.label.clone(),
                split: split.to_owned(),
                splits: task.results.keys().cloned().collect(),
            }
        })?;
        let seeds: Vec<String> = group.runs.iter().map(|r| r.seed.to_string()).collect();
        let cells: Vec<String> = estimates.iter().map(|e| e.text(percent)).collect();
        let interval = estimates
            .last()
            .map_or(String::new(), |e| e.interval(percent));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {interval} |",
            group.label,
            seeds.join(", "),
            cells.join(" | ")
        );
    }
    Ok(text + &differences(groups, split, percent))
}
