//! Tables of a page.

use std::fmt::Write as _;

use paramalloc_core::summary::Summary;

use super::html::escaped;
use crate::format::{self, splits_in_order};
use crate::table::Column;
use crate::task_order::TaskOrder;
use crate::warnings::UNDECIDED;

/// A table that a click on a heading sorts.
pub fn sortable(title: &str, columns: &[Column]) -> String {
    let mut html = format!(
        "<div class=\"scroll\"><table><caption>{}</caption><thead><tr>",
        escaped(title)
    );
    for column in columns {
        let class = if column.is_right() {
            ""
        } else {
            " class=\"words\""
        };
        let _ = write!(
            html,
            "<th scope=\"col\"{class}><button>{}</button></th>",
            escaped(&column.heading)
        );
    }
    html += "</tr></thead><tbody>\n";
    for row in 0..columns.iter().map(|c| c.cells.len()).min().unwrap_or(0) {
        html += "<tr>";
        for column in columns {
            let class = if column.is_right() {
                ""
            } else {
                " class=\"words\""
            };
            let _ = write!(html, "<td{class}>{}</td>", escaped(&column.cells[row]));
        }
        html += "</tr>\n";
    }
    html + "</tbody></table></div>\n"
}

/// The metric of each task by split, and the share of the network that it uses.
pub fn results(summary: &Summary) -> String {
    let tasks = || summary.tasks.iter();
    let splits = splits_in_order(tasks().flat_map(|t| t.results.keys().map(String::as_str)));
    let mut columns = vec![Column::left("task", tasks().map(|task| task.name.clone()))];
    if tasks().any(|task| !task.group.is_empty()) {
        columns.push(Column::left(
            "group",
            tasks().map(|task| task.group.clone()),
        ));
    }
    let is_mixed = summary.is_mixed();
    if is_mixed {
        let metrics = tasks().map(|task| format::words(summary.metric_of(task)));
        columns.push(Column::left("metric", metrics));
    }
    for split in splits {
        let heading = match is_mixed {
            true => split.to_owned(),
            false => format!("{}, {split}", format::words(&summary.metric)),
        };
        let values = tasks().map(|task| match task.results.get(split) {
            Some(&value) => format::metric(summary.metric_of(task), value),
            None => "-".to_owned(),
        });
        columns.push(Column::right(&heading, values));
    }
    let share = |share: f64| format::percent(share, 1);
    columns.push(Column::right(
        "parameters",
        tasks().map(|t| share(t.parameter_share)),
    ));
    columns.push(Column::right(
        "multiply-adds",
        tasks().map(|t| share(t.multiply_add_share)),
    ));
    let step = summary.results_step.unwrap_or(summary.global_step);
    let title = format!("Results at task step {}", format::thousands(step));
    sortable(&title, &columns)
}

/// Who uses what: a row for each task, a column for each component. A click on
/// a column brings its users together.
pub fn allocation(summary: &Summary) -> String {
    let mut html = "<div class=\"scroll\"><table class=\"allocation\"><caption>Allocation: ■ used, · not used, ◧ and ◌ likewise but not decided</caption><thead><tr><td></td>".to_owned();
    for layer in &summary.routed_layers {
        let _ = write!(
            html,
            "<th scope=\"colgroup\" class=\"new\" colspan=\"{}\">{}</th>",
            layer.components.len(),
            escaped(&layer.heading())
        );
    }
    html += "<td></td></tr>\n<tr><th scope=\"col\"><button>task</button></th>";
    for layer in &summary.routed_layers {
        for (index, name) in layer.components.iter().enumerate() {
            let class = if index == 0 { " class=\"new\"" } else { "" };
            let _ = write!(
                html,
                "<th scope=\"col\"{class} title=\"{} {index}: {}\"><button>{index}</button></th>",
                escaped(&layer.name),
                escaped(name),
            );
        }
    }
    html += "<th scope=\"col\" class=\"new\"><button>used</button></th></tr></thead><tbody>\n";
    let rows = summary.allocation_rows();
    for task in TaskOrder::by_similarity(summary).order {
        let _ = write!(html, "<tr><td>{}</td>", escaped(&summary.tasks[task].name));
        for layer in &summary.routed_layers {
            for (index, &used) in layer.allocation[task].iter().enumerate() {
                let class = if index == 0 { " class=\"new\"" } else { "" };
                let probability = layer.probabilities.get(task).map(|row| row[index]);
                let value = probability.unwrap_or(f32::from(used));
                let is_open = probability.is_some_and(|p| p > UNDECIDED.0 && p < UNDECIDED.1);
                let mark = match (used == 1, is_open) {
                    (true, false) => "■",
                    (true, true) => "◧",
                    (false, true) => "◌",
                    (false, false) => "·",
                };
                let _ = write!(
                    html,
                    "<td{class} data-value=\"{:.4}\" title=\"{value:.3}\">{mark}</td>",
                    1.0 - value
                );
            }
        }
        let used = rows[task].iter().filter(|&&u| u == 1).count();
        let _ = writeln!(html, "<td class=\"new\">{used}</td></tr>");
    }
    html + "</tbody></table></div>\n"
}
