//! The columns of predictions.

use paramalloc_data::table::{TargetColumn, TargetInfo};

use crate::model::Predicted;

/// What to write for each task.
pub struct Columns {
    targets: Vec<TargetInfo>,
    widths: Vec<usize>,
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
    /// Those of these tasks, predicted by so many runs.
    pub fn new(targets: &[TargetInfo], widths: &[usize], runs: usize) -> Self {
        Self {
            targets: targets.to_vec(),
            widths: widths.to_vec(),
            has_spread: runs > 1,
        }
    }

    /// Their names: the task, a column `TASK:CLASS` for each class, `TASK:0` and so on
    /// for several labels or values, and of several runs `.._spread`.
    pub fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for (target, &width) in self.targets.iter().zip(&self.widths) {
            let name = &target.name;
            let spread = |of: &str| self.has_spread.then(|| format!("{of}_spread"));
            match (target.kind, width) {
                (TargetColumn::Classes, _) => {
                    names.push(name.clone());
                    names.extend(target.classes.iter().map(|class| format!("{name}:{class}")));
                    names.extend(spread(name));
                }
                (_, 1) => {
                    names.push(name.clone());
                    names.extend(spread(name));
                }
                (_, width) => {
                    for name in (0..width).map(|output| format!("{name}:{output}")) {
                        let spread = spread(&name);
                        names.push(name);
                        names.extend(spread);
                    }
                }
            }
        }
        names
    }

    /// The cells of a row: the class, the probability of a label, or the value;
    /// the probability of each class; and the spread of the first of these.
    pub fn cells(&self, tasks: &[Averaged], row: usize) -> Vec<Cell> {
        let mut cells = Vec::new();
        for (target, averaged) in self.targets.iter().zip(tasks) {
            let (mean, spread) = (averaged.mean.row(row), averaged.spread.row(row));
            if target.kind == TargetColumn::Classes {
                let better = |best, k| if mean[k] > mean[best] { k } else { best };
                let chosen = (1..mean.len()).fold(0, better);
                cells.push(Cell::Class(target.classes[chosen].clone(), chosen));
                cells.extend(mean.iter().map(|&p| Cell::Number(p)));
                cells.extend(self.has_spread.then_some(Cell::Number(spread[chosen])));
                continue;
            }
            for (&mean, &spread) in mean.iter().zip(spread) {
                cells.push(Cell::Number(mean));
                cells.extend(self.has_spread.then_some(Cell::Number(spread)));
            }
        }
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets() -> [TargetInfo; 2] {
        let classes = ["low", "high"].map(str::to_owned).to_vec();
        [
            TargetInfo::new("toxic".to_owned(), TargetColumn::Label, Vec::new()),
            TargetInfo::new("grade".to_owned(), TargetColumn::Classes, classes),
        ]
    }

    #[test]
    fn several_runs_are_averaged_with_their_spread() {
        let columns = Columns::new(&targets(), &[1, 2], 2);
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
        let two = Columns::new(&targets()[..1], &[2], 2);
        let names = ["toxic:0", "toxic:0_spread", "toxic:1", "toxic:1_spread"];
        assert_eq!(two.names(), names);
        let labels = [mean_and_spread(&[&predicted(2, &[0.25, 0.5])])];
        let one = Columns::new(&targets()[..1], &[2], 1);
        assert_eq!(
            one.cells(&labels, 0),
            [Cell::Number(0.25), Cell::Number(0.5)]
        );
    }
}
