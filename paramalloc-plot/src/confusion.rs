//! Confusion matrices as tables.

use paramalloc_core::summary::{Confusion, TaskConfusion};

use crate::format::{percent, printable, splits_in_order, thousands};
use crate::table::{Column, lines, total_width};

/// Errors of a task that are listed where its matrix is too wide.
const ERRORS: usize = 10;

/// Tables with their titles, `width` characters wide where that can be: all tasks of 0
/// and 1 in one, of each other one its matrix, or its most frequent errors. Of the
/// split `test`, or of the last one where there is none.
pub fn tables(confusion: &Confusion, width: usize) -> Vec<(String, Vec<Column>)> {
    let splits = confusion.tasks.iter().flat_map(|task| task.counts.keys());
    let splits = splits_in_order(splits.map(String::as_str));
    let test = splits.iter().find(|split| **split == "test");
    let Some(&split) = test.or(splits.last()) else {
        return Vec::new();
    };
    let shown = printable(split);
    let of_split = |task: &'_ TaskConfusion| task.counts.contains_key(split);
    let tasks: Vec<&TaskConfusion> = confusion.tasks.iter().filter(|t| of_split(t)).collect();
    let (labels, others): (Vec<_>, Vec<_>) = tasks.into_iter().partition(|t| is_label(t));
    let mut tables = Vec::new();
    if !labels.is_empty() {
        let title = format!("0 and 1, and what {shown} examples are taken for");
        tables.push((title, of_labels(&labels, split)));
    }
    for task in others {
        let columns = matrix(task, split);
        let name = name(task);
        tables.push(match total_width(&columns) <= width {
            true => {
                let title =
                    format!("{name}: {shown} examples of each class, by what they are taken for");
                (title, columns)
            }
            false => {
                let classes = thousands(task.classes.len() as u64);
                let title = format!(
                    "{name}, {classes} classes: the most frequent errors on {shown} examples"
                );
                (title, errors(task, split))
            }
        });
    }
    tables
}

/// The same as text.
pub fn text(confusion: &Confusion, width: usize) -> String {
    let step = thousands(confusion.global_step);
    let mut text = format!("What is taken for what, by the parameters of task step {step}\n");
    for (title, columns) in tables(confusion, width) {
        text += &format!("\n{title}\n{}\n", lines(&columns).join("\n"));
    }
    if !confusion.left_out.is_empty() {
        let names: Vec<_> = confusion
            .left_out
            .iter()
            .map(|name| printable(name))
            .collect();
        text += &format!("\nToo many classes to be stored: {}\n", names.join(", "));
    }
    text
}

fn is_label(task: &TaskConfusion) -> bool {
    task.classes == ["0", "1"]
}

fn name(task: &TaskConfusion) -> String {
    match &task.label {
        Some(label) => format!("{}, {}", printable(&task.name), printable(label)),
        None => printable(&task.name),
    }
}

/// Examples of a class; whoever wrote the file may have written any counts.
fn total(row: &[u64]) -> u64 {
    row.iter().fold(0, |sum, &count| sum.saturating_add(count))
}

/// The share of a class that is taken for what it is.
fn right(row: &[u64], class: usize) -> String {
    match total(row) {
        0 => "-".to_owned(),
        all => percent(row[class] as f64 / all as f64, 1),
    }
}

fn of_labels(tasks: &[&TaskConfusion], split: &str) -> Vec<Column> {
    let cell = |class: usize, called: usize| {
        let cells = tasks
            .iter()
            .map(move |task| thousands(task.counts[split][class][called]));
        Column::right(&format!("{class} as {called}"), cells)
    };
    let right = |class: usize| {
        let cells = tasks
            .iter()
            .map(move |task| right(&task.counts[split][class], class));
        Column::right(&format!("{class} right"), cells)
    };
    vec![
        Column::left("task", tasks.iter().map(|task| name(task))),
        cell(0, 0),
        cell(0, 1),
        cell(1, 0),
        cell(1, 1),
        right(0),
        right(1),
    ]
}

fn matrix(task: &TaskConfusion, split: &str) -> Vec<Column> {
    let rows = &task.counts[split];
    let classes = || task.classes.iter().map(|name| printable(name));
    let mut columns = vec![Column::left("class", classes())];
    for (called, name) in classes().enumerate() {
        let cells = rows.iter().map(|row| thousands(row[called]));
        columns.push(Column::right(&name, cells));
    }
    let shares = rows
        .iter()
        .enumerate()
        .map(|(class, row)| right(row, class));
    columns.push(Column::right("right", shares));
    columns
}

fn errors(task: &TaskConfusion, split: &str) -> Vec<Column> {
    let rows = &task.counts[split];
    let mut all = Vec::new();
    for (class, row) in rows.iter().enumerate() {
        let others = row
            .iter()
            .enumerate()
            .filter(|(called, _)| *called != class);
        let made = others.filter(|(_, count)| **count > 0);
        all.extend(made.map(|(called, &count)| (count, class, called)));
    }
    // The most frequent first, else in order.
    all.sort_by_key(|&(count, class, called)| (std::cmp::Reverse(count), class, called));
    all.truncate(ERRORS);
    let named = |class: usize| printable(&task.classes[class]);
    let of_class = |class: usize| thousands(total(&rows[class]));
    vec![
        Column::left("class", all.iter().map(|m| named(m.1))),
        Column::left("taken for", all.iter().map(|m| named(m.2))),
        Column::right("examples", all.iter().map(|m| thousands(m.0))),
        Column::right("of", all.iter().map(|m| of_class(m.1))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(name: &str, classes: &[&str], counts: Vec<Vec<u64>>) -> TaskConfusion {
        TaskConfusion {
            name: name.to_owned(),
            label: None,
            classes: classes.iter().map(|&class| class.to_owned()).collect(),
            counts: [("test".to_owned(), counts)].into(),
        }
    }

    #[test]
    fn labels_share_a_table_and_a_wide_matrix_is_a_list_of_errors() {
        let confusion = Confusion {
            global_step: 1200,
            tasks: vec![
                task("sick", &["0", "1"], vec![vec![90, 10], vec![1, 3]]),
                task("kind", &["x", "y"], vec![vec![5, 0], vec![2, 6]]),
                task("rare", &["0", "1"], vec![vec![7, 0], vec![0, 0]]),
            ],
            left_out: vec!["many".to_owned()],
            ..Confusion::default()
        };
        let expected = "\
What is taken for what, by the parameters of task step 1,200

0 and 1, and what test examples are taken for
task  0 as 0  0 as 1  1 as 0  1 as 1  0 right  1 right
sick      90      10       1       3   90.0 %   75.0 %
rare       7       0       0       0  100.0 %        -

kind: test examples of each class, by what they are taken for
class  x  y    right
x      5  0  100.0 %
y      2  6   75.0 %

Too many classes to be stored: many
";
        assert_eq!(text(&confusion, 80), expected);
        let narrow = text(&confusion, 20);
        let expected = "\
kind, 2 classes: the most frequent errors on test examples
class  taken for  examples  of
y      x                 2   8
";
        assert!(narrow.contains(expected), "{narrow}");
    }
}
