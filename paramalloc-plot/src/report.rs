//! A run as text, section by section: allocation, similarity, results,
//! warnings. Each section is a few lines that end with a line break.

use console::Term;
use paramalloc_core::summary::similarity::{group_similarity, similarity};
use paramalloc_core::summary::{RoutedLayerSummary, Summary, TaskSummary};

use crate::caption;
use crate::format::{self, mean, printable, splits_in_order};
use crate::table::{Column, cut_apart, ruled, total_width};
use crate::task_order::TaskOrder;
use crate::warnings;

/// Width of the output where it is not a terminal.
const WIDTH: usize = 120;
/// Narrower than this a section is not laid out.
const NARROWEST: usize = 40;
/// Names of tasks are not cut shorter than this.
const SHORTEST_NAME: usize = 16;

/// Characters across the terminal that standard output is, else 120.
pub fn width() -> usize {
    let size = Term::stdout().size_checked();
    size.map_or(WIDTH, |(_, columns)| usize::from(columns))
}

/// The whole report, `width` characters wide where the names allow it.
pub fn whole(summary: &Summary, width: usize) -> String {
    let sections = [
        allocation(summary, width),
        task_similarity(summary, width),
        results(summary, width),
        warnings(summary),
    ];
    let sections = sections.iter().filter(|section| !section.is_empty());
    let sections: String = sections.map(|section| format!("\n{section}")).collect();
    printable(&caption::of_run(summary)) + "\n" + &sections
}

/// What to know about the results, a paragraph each; empty if all is well.
pub fn warnings(summary: &Summary) -> String {
    let all = warnings::warnings(summary);
    let all: Vec<String> = all
        .iter()
        .map(|warning| printable(&warning.to_string()) + "\n")
        .collect();
    all.join("\n")
}

/// Rows of text, with a line for each group before its tasks.
fn by_group(summary: &Summary, tasks: &TaskOrder, row: impl Fn(usize, &str) -> String) -> String {
    let grouped = tasks.is_grouped();
    let width = name_width(summary);
    let mut text = String::new();
    for (group, range) in &tasks.groups {
        if grouped {
            let name = if group.is_empty() { "no group" } else { group };
            text += &format!("{}\n", printable(name));
        }
        for &task in &tasks.order[range.clone()] {
            let name = printable(&summary.tasks[task].name);
            let indent = if grouped { "  " } else { "" };
            let padded = format!("{indent}{name:width$}");
            text += &(row(task, &padded).trim_end().to_owned() + "\n");
        }
    }
    text
}

fn name_width(summary: &Summary) -> usize {
    let names = summary.tasks.iter().map(|task| task.name.chars().count());
    names.max().unwrap_or(0)
}

/// Room that the names take in [`by_group`].
fn label_width(summary: &Summary, tasks: &TaskOrder) -> usize {
    name_width(summary) + if tasks.is_grouped() { 2 } else { 0 }
}

/// A row per task and a mark per component: whether the task uses it. Nothing
/// without routed layers.
pub fn allocation(summary: &Summary, width: usize) -> String {
    if summary.routed_layers.is_empty() {
        return String::new();
    }
    let (tasks, width) = (&TaskOrder::new(summary), width.max(NARROWEST));
    let mut text = "Allocation (■ the task uses the component, · it does not)\n".to_owned();
    let label = label_width(summary, tasks);
    let usage = 2 + 14;
    let rows = summary.allocation_rows();
    let parts = parts(&summary.routed_layers, width.saturating_sub(label + usage));
    for (index, layers) in parts.iter().enumerate() {
        let last = index + 1 == parts.len();
        text += &format!("\n{:label$}", "");
        for layer in *layers {
            text += &format!("  {:1$}", printable(&layer.heading()), column_width(layer));
        }
        text += if last { "  used\n" } else { "\n" };
        text += &by_group(summary, tasks, |task, name| {
            let mut line = name.to_owned();
            for layer in *layers {
                let cells = layer.allocation[task].iter();
                let cells: String = cells.map(|&u| if u == 1 { '■' } else { '·' }).collect();
                line += &format!("  {cells:0$}", column_width(layer));
            }
            if last {
                let used = rows[task].iter().filter(|&&u| u == 1).count();
                line += &format!("  {used} of {}", rows[task].len());
            }
            line
        });
    }
    text
}

fn column_width(layer: &RoutedLayerSummary) -> usize {
    layer.heading().chars().count().max(layer.components.len())
}

/// The layers in parts that fit side by side.
fn parts(layers: &[RoutedLayerSummary], width: usize) -> Vec<&[RoutedLayerSummary]> {
    let mut parts = Vec::new();
    let (mut start, mut used) = (0, 0);
    for (index, layer) in layers.iter().enumerate() {
        let needed = 2 + column_width(layer);
        if index > start && used + needed > width {
            parts.push(&layers[start..index]);
            (start, used) = (index, 0);
        }
        used += needed;
    }
    parts.push(&layers[start..]);
    parts
}

/// The similarity of each pair of tasks, and its means over groups. Nothing
/// without routed layers, those with gates left out.
pub fn task_similarity(summary: &Summary, width: usize) -> String {
    if summary.allocated_layers().next().is_none() {
        return String::new();
    }
    let (tasks, width) = (&TaskOrder::new(summary), width.max(NARROWEST));
    let values = similarity(summary);
    let count = values.len();
    let number_width = count.to_string().len();
    let room = width.saturating_sub(label_width(summary, tasks) + number_width + 2);
    // As many decimals as fit.
    let (cell, unit) = if room >= 5 * count {
        (5, "")
    } else if room >= 4 * count {
        (4, " in hundredths")
    } else {
        (2, " in tenths, # for 1.0")
    };
    let show = |value: f64| match cell {
        5 => format!("{value:.2}"),
        4 => format!("{:.0}", value * 100.0),
        _ if value >= 0.95 => "#".into(),
        _ => format!("{:.0}", value * 10.0),
    };
    let mut text = format!("Task similarity{unit} (cosine of the rows of the allocation)\n\n");
    let label = label_width(summary, tasks);
    for line in column_numbers(count, cell) {
        text += &format!("{:1$}{line}\n", "", label + 2 + number_width);
    }
    let place = |task: usize| tasks.order.iter().position(|&t| t == task).unwrap_or(task) + 1;
    text += &by_group(summary, tasks, |task, name| {
        let mut line = format!("{name}  {:>number_width$}", place(task));
        for &other in &tasks.order {
            line += &format!("{:>cell$}", show(values[task][other]));
        }
        line
    });
    text + &group_means(summary, &values)
}

/// The numbers of the columns, written downwards where a cell is too narrow.
fn column_numbers(count: usize, cell: usize) -> Vec<String> {
    if cell > 3 {
        return vec![
            (1..=count)
                .map(|number| format!("{number:>cell$}"))
                .collect(),
        ];
    }
    let digits = count.to_string().len();
    let line = |digit: usize| -> String {
        let numbers = (1..=count).map(|number| format!("{number:>digits$}"));
        numbers
            .map(|n| format!("{:>cell$}", &n[digit..=digit]))
            .collect()
    };
    (0..digits).map(line).collect()
}

/// Mean similarities of the groups, where there are two or more.
fn group_means(summary: &Summary, values: &[Vec<f64>]) -> String {
    let groups = group_similarity(summary, values);
    if groups.groups.len() < 2 {
        return String::new();
    }
    let show = |mean: Option<f64>| mean.map_or("-".to_owned(), |mean| format!("{mean:.2}"));
    let names = || groups.groups.iter().map(|name| printable(name));
    let mut columns = vec![Column::left("mean similarity", names())];
    for (name, other) in names().zip(0..) {
        let means = groups.means.iter().map(|means: &Vec<_>| show(means[other]));
        columns.push(Column::right(&name, means));
    }
    format!(
        "\n{}\nPairs of tasks of the same group: {}; of different groups: {}\n",
        ruled(&columns, false).join("\n"),
        show(groups.within),
        show(groups.between)
    )
}

/// The metric of each task by split, and the share of the network that it uses; of
/// several tasks the means too. Names are cut where the table would be wider than
/// `width`.
pub fn results(summary: &Summary, width: usize) -> String {
    let order = TaskOrder::new(summary);
    let tasks = || order.order.iter().map(|&index| &summary.tasks[index]);
    let splits = summary.tasks.iter().flat_map(|task| task.results.keys());
    let splits = splits_in_order(splits.map(String::as_str));
    let is_mixed = summary.is_mixed();
    let has_means = summary.tasks.len() > 1;
    let column = |heading: &str, cells: Vec<String>, mean: String| {
        Column::right(heading, cells.into_iter().chain(has_means.then_some(mean)))
    };
    let mut others = Vec::new();
    if order.is_grouped() {
        let groups = tasks().map(|task| printable(&task.group));
        others.push(Column::left(
            "group",
            groups.chain(has_means.then(String::new)),
        ));
    }
    if is_mixed {
        let metrics = tasks().map(|task| printable(&format::words(summary.metric_of(task))));
        others.push(Column::left(
            "metric",
            metrics.chain(has_means.then(String::new)),
        ));
    }
    for split in splits {
        let heading = match is_mixed {
            true => printable(split),
            false => format!("{}, {}", format::words(&summary.metric), printable(split)),
        };
        let shown = |metric: &str, value: Option<f64>| {
            value.map_or("-".to_owned(), |value| format::metric(metric, value))
        };
        let value = |task: &TaskSummary| task.results.get(split).copied();
        let cells = tasks().map(|task| shown(summary.metric_of(task), value(task)));
        // Values of different metrics have no mean.
        let known: Option<Vec<f64>> = tasks().map(value).collect();
        let known = known.filter(|_| !is_mixed).unwrap_or_default();
        let of_all = shown(&summary.metric, mean(known.into_iter()));
        others.push(column(&heading, cells.collect(), of_all));
    }
    type Share = fn(&TaskSummary) -> f64;
    let shares: [(&str, Share); 2] = [
        ("parameters", |task| task.parameter_share),
        ("multiply-adds", |task| task.multiply_add_share),
    ];
    for (heading, share) in shares {
        let shown = |share: f64| format::percent(share, 1);
        let cells = tasks().map(|task| shown(share(task)));
        let of_all = mean(tasks().map(share)).map(shown);
        others.push(column(heading, cells.collect(), of_all.unwrap_or_default()));
    }
    let room = width
        .saturating_sub(total_width(&others) + 2)
        .max(SHORTEST_NAME);
    let names: Vec<String> = tasks().map(|task| printable(&task.name)).collect();
    let names = cut_apart(&names, room).into_iter();
    let names = names.chain(has_means.then(|| "mean".to_owned()));
    let columns: Vec<Column> = [Column::left("task", names)]
        .into_iter()
        .chain(others)
        .collect();
    format!("Results\n{}\n", ruled(&columns, has_means).join("\n"))
}
