//! The tables that a person reads: methods, tasks, and differences.

use std::fmt::Write as _;

use super::super::results::{MethodResults, Results};
use super::numbers::{Scale, large, p, seeds};
use crate::format::{self, duration};
use crate::table::{Column, lines};

/// Characters of a label that may stand above a column.
const LONGEST_HEADING: usize = 24;

/// A table with a line above it, and sentences below it.
pub(crate) struct Table {
    pub title: String,
    pub columns: Vec<Column>,
    pub notes: Vec<String>,
}

/// An overview of the methods; the tasks, if there are several; and how each
/// method differs from the first, task by task.
pub(super) fn tables(results: &Results) -> Vec<Table> {
    let mut tables = vec![overview(results)];
    if results.tasks.len() > 1 {
        tables.push(by_task(results));
        let others = 1..results.methods.len();
        tables.extend(others.filter_map(|method| differences(results, method)));
    }
    tables
}

fn overview(results: &Results) -> Table {
    let methods = || results.methods.iter();
    let what = match &results.metric {
        Some(metric) => metric.heading(),
        None => "tasks of different metrics".to_owned(),
    };
    let has_intervals = methods().any(|method| method.seeds.len() > 1);
    let title = match has_intervals {
        true => format!(
            "{what} on the split {}: means over seeds with 95 % intervals",
            results.split
        ),
        false => format!("{what} on the split {}: one seed", results.split),
    };
    let share = |share: f64| format::percent(share, 1);
    let multiply_adds = |method: &MethodResults| {
        let share = share(method.multiply_add_share.mean);
        match method.multiply_adds {
            Some(count) => format!("{} ({share})", large(count.mean)),
            None => share,
        }
    };
    let numbered = |index: usize| {
        let (short, label) = (short(results, index), &results.methods[index].label);
        match short == *label {
            true => short,
            false => format!("{short} {label}"),
        }
    };
    let mut columns = vec![
        Column::left("method", (0..results.methods.len()).map(numbered)),
        Column::left("seeds", methods().map(|method| seeds(&method.seeds))),
    ];
    if results.metric.is_some() {
        let values = methods().map(|method| value(results, method, None));
        columns.push(Column::right(mean_heading(results), values));
    }
    columns.extend([
        Column::right(
            "parameters used",
            methods().map(|m| share(m.parameter_share.mean)),
        ),
        Column::right("multiply-adds", methods().map(multiply_adds)),
    ]);
    if methods().any(|method| method.seconds.is_some()) {
        let time = |method: &MethodResults| method.seconds.map_or("-".into(), |s| duration(s.mean));
        columns.push(Column::right("time", methods().map(time)));
    }
    let mut means = methods().filter_map(|method| method.mean);
    if means.any(|mean| mean.difference.is_some()) {
        let first = short(results, 0);
        columns.extend(difference_columns(
            results,
            &methods().map(|method| (method, None)).collect::<Vec<_>>(),
            &format!("minus {first}"),
        ));
    }
    if methods().any(|method| method.gain.is_some()) {
        let percent = Scale::percent(2);
        let gain = |method: &MethodResults| {
            method
                .gain
                .map_or("-".into(), |g| format!("{} %", percent.signed(g.mean)))
        };
        columns.push(Column::right("relative gain", methods().map(gain)));
    }
    Table {
        title,
        columns,
        notes: notes(results),
    }
}

/// What the numbers of the overview are.
fn notes(results: &Results) -> Vec<String> {
    let methods = || results.methods.iter();
    let mut notes: Vec<String> = left_out(results).into_iter().collect();
    let mut known = Vec::new();
    known.push(match methods().any(|method| method.seeds.len() > 1) {
        true => "Intervals: Student's t over the seeds, cut at the range of the metric.",
        false => "Two or more seeds of each method would give intervals and tests.",
    });
    if methods().any(|method| method.gain.is_some()) {
        known.push("Relative gain: mean of the gains of all tasks over the first method.");
    }
    known.push("Parameters and multiply-adds (of an example): those that a task uses on average, heads left out.");
    if methods().any(|method| method.seconds.is_some()) {
        known.push("Time: of the whole run, its evaluations included.");
    }
    notes.extend(known.into_iter().map(str::to_owned));
    notes
}

/// Which tasks are left out of means and tests, if any.
pub(super) fn left_out(results: &Results) -> Option<String> {
    let tasks = results.left_out();
    let verb = if tasks.len() == 1 { "has" } else { "have" };
    (!tasks.is_empty()).then(|| {
        format!(
            "Left out of means, gains and tests: {}, which {verb} no result on the split {} in some run; a metric is undefined where a split has no examples of both classes, for example.",
            tasks.join(", "),
            results.split
        )
    })
}

/// The label of a method, or its number where it is too long to stand above a
/// column.
pub(super) fn short(results: &Results, index: usize) -> String {
    let label = &results.methods[index].label;
    match label.chars().count() > LONGEST_HEADING {
        true => format!("({})", index + 1),
        false => label.clone(),
    }
}

/// A single task is its own mean.
fn mean_heading(results: &Results) -> &str {
    match &results.tasks[..] {
        [task] => &task.name,
        _ => "mean over tasks",
    }
}

/// Mean and interval of a task, or of the mean over the tasks.
fn value(results: &Results, method: &MethodResults, task: Option<usize>) -> String {
    let outcome = method.outcome(task).zip(results.metric_of(task));
    let shown = outcome.map(|(outcome, metric)| {
        Scale::of(results, task).with_interval(outcome.estimate, metric.range)
    });
    shown.unwrap_or_else(|| "-".to_owned())
}

/// Names of the tasks, and of their metrics where these differ.
fn task_columns(results: &Results) -> Vec<Column> {
    let tasks = || results.tasks.iter();
    let mut columns = vec![Column::left("task", tasks().map(|task| task.name.clone()))];
    if results.metric.is_none() {
        let metrics = tasks().map(|task| task.metric.heading());
        columns.push(Column::left("metric", metrics));
    }
    columns
}

fn by_task(results: &Results) -> Table {
    let mut columns = task_columns(results);
    let methods = results.methods.iter().enumerate();
    columns.extend(methods.map(|(index, method)| {
        let values = (0..results.tasks.len()).map(|task| value(results, method, Some(task)));
        Column::right(&short(results, index), values)
    }));
    Table {
        title: "by task".to_owned(),
        columns,
        notes: Vec::new(),
    }
}

fn differences(results: &Results, index: usize) -> Option<Table> {
    let method = &results.methods[index];
    let common = method.common_seeds()?;
    let (first, label) = (short(results, 0), short(results, index));
    let rows: Vec<_> = (0..results.tasks.len())
        .map(|task| (method, Some(task)))
        .collect();
    let mut columns = task_columns(results);
    columns.extend(difference_columns(results, &rows, "difference"));
    Some(Table {
        title: format!(
            "{} minus {first}, the same {} (p: paired t test; corrected by Holm's method for all tasks and methods)",
            label,
            format::count(common, "seed")
        ),
        columns,
        notes: Vec::new(),
    })
}

/// The difference with its interval, p, and p corrected.
fn difference_columns(
    results: &Results,
    rows: &[(&MethodResults, Option<usize>)],
    heading: &str,
) -> [Column; 3] {
    let of = |row: &(&MethodResults, Option<usize>)| row.0.outcome(row.1)?.difference;
    let difference =
        |row: &(&MethodResults, Option<usize>)| match of(row).zip(results.metric_of(row.1)) {
            None => "-".to_owned(),
            Some((found, metric)) => {
                let scale = Scale::of(results, row.1);
                let range = metric.difference_range();
                let interval = scale.interval(found.estimate, range).unwrap_or_default();
                format!("{} [{interval}]", scale.signed(found.estimate.mean))
            }
        };
    [
        Column::right(heading, rows.iter().map(difference)),
        Column::right("p", rows.iter().map(|row| p(of(row).and_then(|d| d.p)))),
        Column::right(
            "p corrected",
            rows.iter().map(|row| p(of(row).and_then(|d| d.corrected))),
        ),
    ]
}

/// For a terminal.
pub(super) fn text(tables: &[Table]) -> String {
    let tables = tables.iter().map(|table| {
        let lines = lines(&table.columns).join("\n");
        let notes: String = table.notes.iter().map(|note| format!("{note}\n")).collect();
        let gap = if notes.is_empty() { "" } else { "\n" };
        format!("{}\n\n{lines}\n{gap}{notes}", table.title)
    });
    tables.collect::<Vec<_>>().join("\n")
}

/// In Markdown.
pub(super) fn markdown(tables: &[Table]) -> String {
    let tables = tables.iter().map(|table| {
        let mut text = format!("{}\n\n", table.title);
        let headings: Vec<&str> = table.columns.iter().map(|c| c.heading.as_str()).collect();
        let rules = table.columns.iter().map(|column| match column.is_right() {
            true => "---:",
            false => "---",
        });
        markdown_row(&mut text, headings.into_iter());
        let _ = writeln!(text, "|{}|", rules.collect::<Vec<_>>().join("|"));
        for row in 0..table.columns[0].cells.len() {
            let cells = table
                .columns
                .iter()
                .map(|column| column.cells[row].as_str());
            markdown_row(&mut text, cells);
        }
        for note in &table.notes {
            let _ = write!(text, "\n{note}\n");
        }
        text
    });
    tables.collect::<Vec<_>>().join("\n")
}

fn markdown_row<'a>(text: &mut String, cells: impl Iterator<Item = &'a str>) {
    let cells: Vec<String> = cells.map(escaped).collect();
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

/// Without what Markdown acts on.
fn escaped(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    for c in cell.chars() {
        match c {
            '|' | '*' | '`' | '\\' | '<' => text.extend(['\\', c]),
            // Within a word GitHub's Markdown takes it as it is, and so does CommonMark.
            _ => text.push(c),
        }
    }
    text
}
