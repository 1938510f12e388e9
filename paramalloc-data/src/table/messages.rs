//! What the user is told of a table: what became of its columns and rows.

use paramalloc_core::data::{Examples, Targets, Task};
use paramalloc_core::text::escaped;

use super::columns::{Cells, Column, Columns};
use super::encode::{Encoding, Feature};
use super::options::TargetColumn;
use super::roles::Roles;
use super::splits::{Rows, SPLITS};
use super::target::TargetInfo;

/// Columns of a kind that are named in a message at most.
const NAMED: usize = 12;

/// What the user is told: the tasks, the features, the splits.
pub(super) fn messages(
    table: &Columns,
    roles: &Roles,
    of_inputs: &[String],
    (infos, tasks): (&[TargetInfo], &[Task]),
    rows: &Rows,
    ignored: &[String],
) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for ((info, task), &index) in infos.iter().zip(tasks).zip(&roles.targets) {
        let labelled: usize = task.evaluation.iter().map(|(_, set)| set.len()).sum();
        let what = what(info, &table.columns[index]);
        let missing = match table.rows() - labelled {
            0 => String::new(),
            missing => format!(", {missing} missing"),
        };
        lines.push(format!("{}: {what}; {labelled} rows{missing}", info.name));
        lines.extend(of_one_class(info, task));
    }
    lines.extend_from_slice(of_inputs);
    if !ignored.is_empty() {
        lines.push(format!("not learned from: {}", ignored.join(", ")));
    }
    if table.columns.iter().any(|column| column.name.is_empty()) {
        lines.push("not learned from: columns without a name".to_owned());
    }
    let parts = SPLITS.iter().zip(rows).filter(|(_, rows)| !rows.is_empty());
    let parts: Vec<String> = parts
        .map(|(name, rows)| format!("{} {name}", rows.len()))
        .collect();
    lines.push(format!("rows: {}", parts.join(", ")));
    // A heading may have line breaks.
    let lines = lines.iter().map(|line| escaped(line).into_owned());
    lines.collect()
}

/// `4 columns to learn from, 6 values: numbers a, b; 0 or 1: sick; a value for each text
/// of color (3 texts)`
pub(super) fn features_message(features: &[Feature]) -> String {
    let is_text = |feature: &Feature| matches!(feature.encoding, Encoding::Text { .. });
    let names = |is: &dyn Fn(&Feature) -> bool| -> Vec<String> {
        let some = features.iter().filter(|feature| is(feature));
        some.map(|feature| feature.name.clone()).collect()
    };
    let texts = features.iter().filter(|feature| is_text(feature));
    let texts = texts.map(|feature| {
        let plural = if feature.width() == 1 { "" } else { "s" };
        format!("{} ({} text{plural})", feature.name, feature.width())
    });
    let kinds = [
        ("numbers ", names(&|f| !is_text(f) && !f.is_bits())),
        ("0 or 1: ", names(&Feature::is_bits)),
        ("a value for each text of ", texts.collect()),
    ];
    let kinds = kinds.iter().filter(|(_, names)| !names.is_empty());
    let kinds: Vec<String> = kinds
        .map(|(kind, names)| format!("{kind}{}", listed(names)))
        .collect();
    let width: usize = features.iter().map(Feature::width).sum();
    let mut line = format!(
        "{} columns to learn from, {width} values: {}",
        features.len(),
        kinds.join("; ")
    );
    let is_constant = |feature: &&Feature| matches!(feature.encoding, Encoding::Number { deviation, .. } if deviation == 0.0);
    match features.iter().filter(is_constant).count() {
        0 => {}
        constant => line += &format!("; {constant} of them constant"),
    }
    line
}

/// The first names, and how many more there are.
fn listed(names: &[String]) -> String {
    let shown = names[..names.len().min(NAMED)].join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// A line for each split whose rows are all of one class.
fn of_one_class<'a>(info: &'a TargetInfo, task: &'a Task) -> impl Iterator<Item = String> + 'a {
    let is_one = |set: &Examples| match set.targets() {
        _ if info.kind == TargetColumn::Value => false,
        Targets::Classes(classes) => classes.iter().all(|class| *class == classes[0]),
        Targets::Values(labels) => labels.iter().all(|label| *label == labels[0]),
    };
    let splits = task.evaluation.iter().filter(move |(_, set)| is_one(set));
    splits.map(|(split, _)| {
        format!(
            "warning: all {split} rows of {} are of one class, so a metric that ranks is undefined there; --split stratified spreads classes evenly",
            info.name
        )
    })
}

/// `label, 4.1 % ones`, `3 classes (a, b, c)` or `value, 1.5 to 200`
fn what(info: &TargetInfo, column: &Column) -> String {
    let numbers: Vec<f64> = match &column.cells {
        Cells::Numbers(values) => values.iter().copied().filter(|v| !v.is_nan()).collect(),
        Cells::Texts { .. } => Vec::new(),
    };
    match info.kind {
        TargetColumn::Label => {
            let ones: f64 = numbers.iter().sum();
            format!("label, {:.1} % ones", 100.0 * ones / numbers.len() as f64)
        }
        TargetColumn::Value => {
            let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
            let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            format!("value, {low} to {high}")
        }
        TargetColumn::Classes => {
            let shown: Vec<&str> = info.classes.iter().take(8).map(String::as_str).collect();
            let more = if info.classes.len() > 8 { ", .." } else { "" };
            format!(
                "{} classes ({}{more})",
                info.classes.len(),
                shown.join(", ")
            )
        }
    }
}
