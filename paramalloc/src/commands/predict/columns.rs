//! The columns of predictions.

use paramalloc_data::table::{TableRecord, TargetColumn, TargetInfo};

use crate::model::Predicted;

/// What to write for each task.
pub struct Columns {
    targets: Vec<TargetInfo>,
    has_spread: bool,
}

/// A cell of predictions.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A number.
    Number(f64),
    /// The name of a class and its number.
    Class(String, usize),
}

/// The mean over several runs of what they predict, and how far they are apart.
pub struct Averaged {
    mean: Predicted,
    spread: Predicted,
}

/// The mean over runs, and the deviation (of `n - 1`), which is 0 for one run.
///
/// # Panics
/// If there is no run.
pub fn mean_and_spread(runs: &[&Predicted]) -> Averaged {
    let count = runs.len() as f64;
    let values = 0..runs[0].values.len();
    let mean = values
        .clone()
        .map(|i| runs.iter().map(|run| run.values[i]).sum::<f64>() / count);
    let mean: Vec<f64> = mean.collect();
    let spread = values.map(|i| {
        let squares = runs.iter().map(|run| (run.values[i] - mean[i]).powi(2));
        (squares.sum::<f64>() / (count - 1.0).max(1.0)).sqrt()
    });
    let spread = spread.collect();
    let width = runs[0].width;
    Averaged {
        mean: Predicted {
            width,
            values: mean,
        },
        spread: Predicted {
            width,
            values: spread,
        },
    }
}

impl Columns {
    /// Those of the tasks of a table, predicted by so many runs.
    pub fn new(record: &TableRecord, runs: usize) -> Self {
        Self {
            targets: record.targets.clone(),
            has_spread: runs > 1,
        }
    }

    /// Their names: the task, a column `TASK:CLASS` for each class, and of several
    /// runs `TASK_spread`.
    pub fn names(&self) -> Vec<String> {
        let of_task = |target: &TargetInfo| {
            let name = &target.name;
            let classes = target.classes.iter().map(|class| format!("{name}:{class}"));
            let spread = self.has_spread.then(|| format!("{name}_spread"));
            let names = [name.clone()].into_iter().chain(classes).chain(spread);
            names.collect::<Vec<String>>()
        };
        self.targets.iter().flat_map(of_task).collect()
    }

    /// The cells of a row: the class, the probability of a label, or the value;
    /// the probability of each class; and the spread of the first of these.
    pub fn cells(&self, tasks: &[Averaged], row: usize) -> Vec<Cell> {
        let mut cells = Vec::new();
        for (target, averaged) in self.targets.iter().zip(tasks) {
            let (mean, spread) = (averaged.mean.row(row), averaged.spread.row(row));
            let mut chosen = 0;
            match target.kind {
                TargetColumn::Classes => {
                    let better = |best, k| if mean[k] > mean[best] { k } else { best };
                    chosen = (1..mean.len()).fold(0, better);
                    cells.push(Cell::Class(target.classes[chosen].clone(), chosen));
                    cells.extend(mean.iter().map(|&p| Cell::Number(p)));
                }
                TargetColumn::Label | TargetColumn::Value => cells.push(Cell::Number(mean[0])),
            }
            if self.has_spread {
                cells.push(Cell::Number(spread[chosen]));
            }
        }
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> TableRecord {
        serde_json::from_value(serde_json::json!({
            "format": 1, "features": [], "rows": 0,
            "targets": [
                {"name": "toxic", "kind": "label"},
                {"name": "grade", "kind": "classes", "classes": ["low", "high"]},
            ],
        }))
        .unwrap()
    }

    #[test]
    fn several_runs_are_averaged_with_their_spread() {
        let columns = Columns::new(&record(), 2);
        let names = [
            "toxic",
            "toxic_spread",
            "grade",
            "grade:low",
            "grade:high",
            "grade_spread",
        ];
        assert_eq!(columns.names(), names);
        let predicted = |width, values: &[f64]| Predicted {
            width,
            values: values.to_vec(),
        };
        let toxic = [predicted(1, &[0.25]), predicted(1, &[0.75])];
        let grade = [predicted(2, &[0.75, 0.25]), predicted(2, &[0.0, 1.0])];
        let tasks = [toxic, grade].map(|runs| mean_and_spread(&[&runs[0], &runs[1]]));
        let deviation = 0.125_f64.sqrt();
        let cells = columns.cells(&tasks, 0);
        assert_eq!(cells[..2], [Cell::Number(0.5), Cell::Number(deviation)]);
        assert_eq!(cells[2], Cell::Class("high".to_owned(), 1));
        assert_eq!(cells[3..5], [Cell::Number(0.375), Cell::Number(0.625)]);
        assert_eq!(Columns::new(&record(), 1).names().len(), 4);
    }
}
