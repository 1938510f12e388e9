//! What the target columns hold.

use std::path::Path;

use paramalloc_core::data::OwnedTargets;
use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::columns::{Cells, Column};
use super::encode::moments;
use super::options::TargetColumn;
use crate::error::{DataError, TableProblem};

/// Whole numbers with so many different values are classes, unless the user says
/// otherwise.
const FEW_NUMBERS: usize = 10;
/// The same for texts.
const FEW_TEXTS: usize = 100;
/// The most classes that a task may have.
const MAX_CLASSES: usize = u16::MAX as usize - 1;

/// A task of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TargetInfo {
    /// Name of the column, and of the task.
    pub name: String,
    /// What it holds.
    pub kind: TargetColumn,
    /// The classes in order of their numbers; none of labels and values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    /// Mean of the values of the training rows, 0 of labels and classes. The
    /// network learns `(value - mean) / deviation`.
    #[serde(default)]
    pub mean: f64,
    /// Deviation of the same, above 0; 1 of labels and classes.
    #[serde(default = "one")]
    pub deviation: f64,
}

fn one() -> f64 {
    1.0
}

impl TargetInfo {
    /// A task that is no column of a table.
    pub fn new(name: String, kind: TargetColumn, classes: Vec<String>) -> Self {
        Self {
            name,
            kind,
            classes,
            mean: 0.0,
            deviation: 1.0,
        }
    }

    /// Width of the task's head.
    pub fn outputs(&self) -> usize {
        match self.kind {
            TargetColumn::Classes => self.classes.len(),
            TargetColumn::Label | TargetColumn::Value => 1,
        }
    }

    /// What a column holds. `asked` is what the user says; else its values tell.
    ///
    /// # Errors
    /// If it has no value or one class, or is not what the user says.
    pub(crate) fn of(
        path: &Path,
        column: &Column,
        lines: &[u64],
        asked: Option<TargetColumn>,
    ) -> Result<Self, DataError> {
        let problem = |problem| Err(DataError::table(path, problem));
        let name = column.name.clone();
        let rows = 0..lines.len();
        if rows.clone().all(|row| column.cell(row) == Cell::Missing) {
            return problem(TableProblem::EmptyTarget { column: name });
        }
        let kind = match asked.or_else(|| inferred(column, lines.len())) {
            Some(kind) => kind,
            None => {
                let limit = FEW_TEXTS;
                return problem(TableProblem::Classes {
                    column: name,
                    limit,
                });
            }
        };
        let info = |classes| Self {
            name: name.clone(),
            kind,
            classes,
            mean: 0.0,
            deviation: 1.0,
        };
        match kind {
            TargetColumn::Label => {
                let is_label = |cell| match cell {
                    Cell::Missing => true,
                    Cell::Number(value) => value == 0.0 || value == 1.0,
                    Cell::Text(_) => false,
                };
                match rows.clone().find(|&row| !is_label(column.cell(row))) {
                    Some(row) => problem(TableProblem::Label {
                        column: name,
                        line: lines[row],
                        cell: column.shown(row),
                    }),
                    None => Ok(info(Vec::new())),
                }
            }
            TargetColumn::Value => match no_number(column) {
                Some((row, is_text)) => {
                    let line = lines[row];
                    let cell = column.shown(row);
                    problem(match is_text {
                        true => TableProblem::NotANumber {
                            line,
                            column: name,
                            cell,
                        },
                        false => TableProblem::Infinite { line, column: name },
                    })
                }
                None => Ok(info(Vec::new())),
            },
            TargetColumn::Classes => {
                let classes = classes(column);
                match &classes[..] {
                    [class] => problem(TableProblem::OneClass {
                        column: name,
                        class: class.clone(),
                    }),
                    _ if classes.len() > MAX_CLASSES => problem(TableProblem::Classes {
                        column: name,
                        limit: MAX_CLASSES,
                    }),
                    _ => Ok(info(classes)),
                }
            }
        }
    }
}

/// The first row whose cell is no finite number, and whether it is text.
fn no_number(column: &Column) -> Option<(usize, bool)> {
    match &column.cells {
        Cells::Texts { first, .. } => Some((*first, true)),
        Cells::Numbers(values) => {
            let infinite = values.iter().position(|value| value.is_infinite());
            infinite.map(|row| (row, false))
        }
    }
}

/// What the values of a column say that it is; nothing of a text column with
/// too many texts.
fn inferred(column: &Column, rows: usize) -> Option<TargetColumn> {
    match &column.cells {
        Cells::Texts { texts, .. } => (texts.len() <= FEW_TEXTS).then_some(TargetColumn::Classes),
        Cells::Numbers(values) => {
            let mut found: Vec<f64> = Vec::new();
            for &value in values.iter().filter(|value| !value.is_nan()) {
                if value.fract() != 0.0 || value.is_infinite() {
                    return Some(TargetColumn::Value);
                }
                if !found.contains(&value) {
                    found.push(value);
                }
                if found.len() > FEW_NUMBERS {
                    return Some(TargetColumn::Value);
                }
            }
            let is_label = found.iter().all(|&value| value == 0.0 || value == 1.0);
            Some(match is_label {
                true => TargetColumn::Label,
                // So few rows may have a value each.
                false if found.len() * 2 > rows => TargetColumn::Value,
                false => TargetColumn::Classes,
            })
        }
    }
}

/// The classes of a column: numbers in their order, texts in that of the
/// alphabet.
fn classes(column: &Column) -> Vec<String> {
    match &column.cells {
        Cells::Texts { texts, .. } => {
            let mut classes = texts.clone();
            classes.sort();
            classes
        }
        Cells::Numbers(values) => {
            let mut found: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
            found.sort_by(f64::total_cmp);
            found.dedup();
            found.iter().map(f64::to_string).collect()
        }
    }
}

/// The targets of some rows of a column, all of which have a value, and for
/// values what the training rows say of their scale.
pub(crate) fn targets(info: &TargetInfo, column: &Column, rows: &[usize]) -> OwnedTargets {
    let numbers = || {
        rows.iter().map(|&row| match column.cell(row) {
            Cell::Number(value) => value,
            // Checked by `TargetInfo::of`.
            Cell::Missing | Cell::Text(_) => f64::NAN,
        })
    };
    match info.kind {
        TargetColumn::Label => OwnedTargets::Values(numbers().map(|value| value as f32).collect()),
        TargetColumn::Value => {
            let scaled = numbers().map(|value| ((value - info.mean) / info.deviation) as f32);
            OwnedTargets::Values(scaled.collect())
        }
        TargetColumn::Classes => {
            let number = |row: &usize| {
                let shown = column.shown(*row);
                let found = info.classes.iter().position(|class| *class == shown);
                found.unwrap_or_default() as u16
            };
            OwnedTargets::Classes(rows.iter().map(number).collect())
        }
    }
}

/// Sets the scale of a task of values by its training rows.
pub(crate) fn scale(info: &mut TargetInfo, column: &Column, train: &[usize]) {
    if info.kind != TargetColumn::Value {
        return;
    }
    let values = train.iter().filter_map(|&row| match column.cell(row) {
        Cell::Number(value) => Some(value),
        _ => None,
    });
    let (mean, deviation) = moments(&values.collect::<Vec<f64>>());
    info.mean = mean;
    info.deviation = if deviation > 0.0 { deviation } else { 1.0 };
}

#[cfg(test)]
mod tests {
    use super::super::columns::Columns;
    use super::*;

    fn of(cells: &[&str], asked: Option<TargetColumn>) -> Result<TargetInfo, String> {
        let text = format!("y,b\n{},\n", cells.join(",\n"));
        let path = Path::new("t.csv");
        let table = Columns::of_text(path, text.as_bytes()).unwrap();
        TargetInfo::of(path, &table.columns[0], &table.lines, asked).map_err(|e| e.to_string())
    }

    #[test]
    fn values_tell_what_a_target_is() {
        let kind = |cells: &[&str]| of(cells, None).unwrap().kind;
        assert_eq!(kind(&["0", "1", "", "1.0"]), TargetColumn::Label);
        assert_eq!(kind(&["no", "yes", "NA"]), TargetColumn::Classes);
        assert_eq!(kind(&["1", "2", "3", "1", "2", "3"]), TargetColumn::Classes);
        assert_eq!(kind(&["1", "2", "3"]), TargetColumn::Value);
        assert_eq!(kind(&["0.5", "1", "0"]), TargetColumn::Value);
        let many: Vec<String> = (0..40).map(|i| (i % 11).to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(kind(&many), TargetColumn::Value);
        let asked = of(&many, Some(TargetColumn::Classes)).unwrap();
        // By number, not by text.
        assert_eq!(asked.classes[1..3], ["1", "2"]);
        assert_eq!(asked.outputs(), 11);
    }

    #[test]
    fn what_a_target_cannot_be_is_said() {
        let says = |cells: &[&str], asked, part: &str| {
            let sentence = of(cells, asked).unwrap_err();
            assert!(sentence.contains(part), "no `{part}` in: {sentence}");
        };
        says(&["", "NA"], None, "no value in the target `y`");
        says(&["a", "a"], None, "the one class `a`");
        let label = Some(TargetColumn::Label);
        says(&["0", "2"], label, "`2` in line 3 of the target `y`");
        let value = Some(TargetColumn::Value);
        says(&["0", "x"], value, "`x` in line 3, column `y`");
        says(&["0", "inf"], value, "infinite number in line 3");
        let many: Vec<String> = (0..101).map(|i| format!("t{i}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        says(&many, None, "--kind y=classes");
    }

    #[test]
    fn values_are_scaled_by_the_training_rows_and_classes_numbered() {
        let path = Path::new("t.csv");
        let table = Columns::of_text(path, b"y,z\n10,b\n30,a\n100,b\n").unwrap();
        let [y, z] = &table.columns[..] else {
            panic!("two columns");
        };
        let mut info = TargetInfo::of(path, y, &table.lines, Some(TargetColumn::Value)).unwrap();
        scale(&mut info, y, &[0, 1]);
        assert_eq!((info.mean, info.deviation), (20.0, 10.0));
        let values = targets(&info, y, &[0, 2]);
        assert_eq!(values, OwnedTargets::Values(vec![-1.0, 8.0]));
        let info = TargetInfo::of(path, z, &table.lines, None).unwrap();
        let classes = targets(&info, z, &[0, 1, 2]);
        assert_eq!(classes, OwnedTargets::Classes(vec![1, 0, 1]));
    }
}
