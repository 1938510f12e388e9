//! The tables that a person reads: methods, tasks, and differences.

use std::fmt::Write as _;

use super::super::results::{MethodResults, Results};
use super::numbers::{Scale, large, p, seeds};
use crate::format::{self, duration};
use crate::table::{Column, lines};

/// Characters of a label that may stand above a column.
const LONGEST_HEADING: usize = 24;

/// A table with a line above it.
pub(crate) struct Table {
    pub title: String,
    pub columns: Vec<Column>,
}

/// An overview of the methods; the tasks, if there are several; and how each
/// method differs from the first, task by task.
pub(super) fn tables(results: &Results) -> Vec<Table> {
    let scale = Scale::of(results);
    let mut tables = vec![overview(results, scale)];
    if results.tasks.len() > 1 {
        tables.push(by_task(results, scale));
        let others = 1..results.methods.len();
        tables.extend(others.filter_map(|method| differences(results, method, scale)));
    }
    tables
}

fn overview(results: &Results, scale: Scale) -> Table {
    let methods = || results.methods.iter();
    let unit = if results.is_share() { ", %" } else { "" };
    let title = format!(
        "{}{unit} on `{}`: means over seeds with 95 % intervals",
        format::words(&results.metric),
        results.split
    );
    let value = |method: &MethodResults| scale.with_interval(method.mean.estimate, results.range);
    let share = |share: f64| format::percent(share, 1);
    let multiply_adds = |method: &MethodResults| {
        let share = share(method.multiply_add_share.mean);
        match method.multiply_adds {
            Some(count) => format!("{} ({share})", large(count.mean)),
            None => share,
        }
    };
    let is_long = short(results, 0) != results.methods[0].label;
    let numbered = |index: usize| match is_long {
        true => format!("{} {}", short(results, index), results.methods[index].label),
        false => results.methods[index].label.clone(),
    };
    let mut columns = vec![
        Column::left("method", (0..results.methods.len()).map(numbered)),
        Column::left("seeds", methods().map(|method| seeds(&method.seeds))),
        Column::right(mean_heading(results), methods().map(value)),
        Column::right(
            "parameters used",
            methods().map(|m| share(m.parameter_share.mean)),
        ),
        Column::right("multiply-adds", methods().map(multiply_adds)),
    ];
    if methods().any(|method| method.seconds.is_some()) {
        let time = |method: &MethodResults| method.seconds.map_or("-".into(), |s| duration(s.mean));
        columns.push(Column::right("time", methods().map(time)));
    }
    if methods().any(|method| method.mean.difference.is_some()) {
        let first = short(results, 0);
        columns.extend(difference_columns(
            results,
            &methods().map(|method| (method, None)).collect::<Vec<_>>(),
            scale,
            &format!("less {first}"),
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
    Table { title, columns }
}

/// The label of a method, or its number where some labels are too long to stand
/// above a column.
pub(super) fn short(results: &Results, index: usize) -> String {
    let methods = results.methods.iter();
    let longest = methods.map(|method| method.label.chars().count()).max();
    match longest.is_some_and(|longest| longest > LONGEST_HEADING) {
        true => format!("({})", index + 1),
        false => results.methods[index].label.clone(),
    }
}

/// A single task is its own mean.
fn mean_heading(results: &Results) -> &str {
    match &results.tasks[..] {
        [task] => task,
        _ => "mean over tasks",
    }
}

fn by_task(results: &Results, scale: Scale) -> Table {
    let tasks = || 0..results.tasks.len();
    let value = |method: &MethodResults, task: usize| {
        scale.with_interval(method.tasks[task].estimate, results.range)
    };
    let mut columns = vec![Column::left("task", results.tasks.iter().cloned())];
    let methods = results.methods.iter().enumerate();
    columns.extend(methods.map(|(index, method)| {
        let values = tasks().map(|task| value(method, task));
        Column::right(&short(results, index), values)
    }));
    Table {
        title: "by task".to_owned(),
        columns,
    }
}

fn differences(results: &Results, index: usize, scale: Scale) -> Option<Table> {
    let method = &results.methods[index];
    let common = method.mean.difference?.seeds;
    let (first, label) = (short(results, 0), short(results, index));
    let rows: Vec<_> = (0..results.tasks.len())
        .map(|task| (method, Some(task)))
        .collect();
    let mut columns = vec![Column::left("task", results.tasks.iter().cloned())];
    columns.extend(difference_columns(results, &rows, scale, "difference"));
    Some(Table {
        title: format!(
            "{} less {first}, the same {} (p: paired t test; corrected by Holm's method for all tasks and methods)",
            label,
            format::count(common, "seed")
        ),
        columns,
    })
}

/// The difference with its interval, p, and p corrected.
fn difference_columns(
    results: &Results,
    rows: &[(&MethodResults, Option<usize>)],
    scale: Scale,
    heading: &str,
) -> [Column; 3] {
    let range = results.difference_range();
    let of = |row: &(&MethodResults, Option<usize>)| row.0.outcome(row.1).difference;
    let difference = |row| match of(row) {
        None => "-".to_owned(),
        Some(found) => {
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
        format!("{}\n\n{lines}\n", table.title)
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
