//! The report at the end of a run, on standard output.

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

use console::{Term, measure_text_width};
use paramalloc_core::summary::Summary;
use paramalloc_plot::allocation_table::AllocationTable;
use paramalloc_plot::format::{self, splits_in_order, thousands};
use paramalloc_plot::table::{Column, lines, total_width};
use paramalloc_plot::warnings::warnings;

use super::display::{speed, time};
use crate::shell::{quoted, this_program, tool};

/// Width where standard output is no terminal.
const WIDTH: usize = 100;

/// What a user reads at the end of a run.
pub fn text(summary: &Summary, path: &Path, (took, per_second): (Duration, f64)) -> String {
    let mut text = format!(
        "\n{}, {}, seed {}: {} of {} task steps in {}, {} while training\n",
        summary.experiment,
        summary.method,
        summary.seed,
        thousands(summary.global_step),
        thousands(summary.total_task_steps),
        time(took),
        speed(per_second),
    );
    for note in notes(summary) {
        let _ = writeln!(text, "{note}");
    }
    let _ = writeln!(text, "\n{}\n", results(summary));
    let allocation = allocation(summary, width());
    if !allocation.is_empty() {
        let _ = writeln!(text, "{allocation}");
    }
    for warning in warnings(summary) {
        let _ = writeln!(text, "{warning}\n");
    }
    let path = quoted(&path.display().to_string());
    let _ = writeln!(text, "run    {path}");
    if !summary.finished {
        let program = this_program(&summary.experiment);
        let _ = writeln!(text, "resume {program} resume {path}");
    }
    let _ = writeln!(text, "plot   {} plot {path}", tool());
    text
}

fn width() -> usize {
    match std::io::stdout().is_terminal() {
        true => Term::stdout().size().1.into(),
        false => WIDTH,
    }
}

/// What keeps the figures from being those of a whole run on published data.
fn notes(summary: &Summary) -> Vec<String> {
    let mut notes = Vec::new();
    if !summary.data.real {
        notes.push(format!(
            "NOT published data: the program made these itself ({}); compare the figures with nothing published",
            summary.data.name
        ));
    }
    if !summary.finished {
        notes.push("Interrupted: what was learned so far is saved.".to_owned());
    }
    if let Some(step) = summary.results_step {
        notes.push(format!(
            "The results are those of step {}.",
            thousands(step)
        ));
    }
    notes
}

/// A row per task, then their means.
fn results(summary: &Summary) -> String {
    let mut columns = vec![names(summary, "task")];
    if summary.is_mixed() {
        let metrics = (summary.tasks.iter()).map(|task| format::words(summary.metric_of(task)));
        columns.push(Column::left("metric", metrics.chain([String::new()])));
    }
    for split in splits(summary) {
        let values = summary.tasks.iter().map(|t| t.results.get(split).copied());
        if summary.is_mixed() {
            let cells = summary.tasks.iter().zip(values).map(|(task, value)| {
                let shown = |value| format::metric(summary.metric_of(task), value);
                value.map_or("-".to_owned(), shown)
            });
            columns.push(Column::right(split, cells.chain([String::new()])));
        } else {
            let shown = |value| format::metric(&summary.metric, value);
            columns.push(with_mean(split, values, shown));
        }
    }
    let shares = [
        (
            "parameters",
            summary.tasks.iter().map(|t| t.parameter_share).collect(),
        ),
        (
            "multiply-adds",
            summary.tasks.iter().map(|t| t.multiply_add_share).collect(),
        ),
    ];
    for (heading, shares) in shares {
        let shares: Vec<f64> = shares;
        let shown = |share| format!("{:.1} %", 100.0 * share);
        columns.push(with_mean(heading, shares.into_iter().map(Some), shown));
    }
    columns[0].cells.push("mean".to_owned());
    let mut lines = lines(&columns);
    let widths = lines.iter().map(|line| measure_text_width(line));
    let rule = "─".repeat(widths.max().unwrap_or(0));
    lines.insert(lines.len() - 1, rule.clone());
    lines.insert(1, rule);
    lines.join("\n")
}

fn names(summary: &Summary, heading: &str) -> Column {
    Column::left(heading, summary.tasks.iter().map(|t| t.name.clone()))
}

/// A column of values and their mean; `-` for what is not known.
fn with_mean(
    heading: &str,
    values: impl Iterator<Item = Option<f64>> + Clone,
    shown: impl Fn(f64) -> String,
) -> Column {
    let known: Option<Vec<f64>> = values.clone().collect();
    let mean = known.and_then(|known| format::mean(known.into_iter()));
    let cells = values.chain([mean]);
    Column::right(
        heading,
        cells.map(|value| value.map_or("-".to_owned(), &shown)),
    )
}

fn splits(summary: &Summary) -> Vec<&str> {
    let tasks = summary.tasks.first().into_iter();
    splits_in_order(tasks.flat_map(|task| task.results.keys().map(String::as_str)))
}

/// A row per task, or nothing where there is no routed layer.
fn allocation(summary: &Summary, width: usize) -> String {
    let mut columns = vec![names(summary, "allocation")];
    let left = width.saturating_sub(total_width(&columns));
    columns.extend(AllocationTable::of_summary(&summary.routed_layers).columns(left));
    match columns.len() {
        1 => String::new(),
        _ => lines(&columns).join("\n") + "\n",
    }
}
