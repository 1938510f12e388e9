//! Error and overlap against the relatedness of pairs of tasks.

use paramalloc_core::summary::Summary;
use paramalloc_core::summary::similarity::{group_similarity, similarity};

use super::estimate::Estimate;
use super::groups::Group;
use crate::caption;
use crate::format::mean;
use crate::table::{Column, lines};

/// Error and overlap of pairs of tasks (0 and 1, 2 and 3, and so on) against
/// their relatedness, for one run or for several methods over seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Relatedness {
    /// What runs these are.
    pub(crate) caption: String,
    pub(crate) methods: Vec<Series>,
}

/// The runs of one method.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    pub label: String,
    /// True if the allocation is learned: else its overlap is that of the
    /// method.
    pub is_learned: bool,
    runs: Vec<Pairs>,
}

/// The pairs of a run.
#[derive(Clone, Debug, PartialEq)]
struct Pairs {
    seed: u64,
    pairs: Vec<Pair>,
    /// Mean similarity of tasks of different pairs.
    between: Option<f64>,
}

/// One pair of tasks; the errors are means over the two.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pair {
    pub relatedness: f64,
    train: f64,
    pub test: f64,
    pub similarity: f64,
}

impl Pairs {
    /// What has no result is left out.
    fn new(summary: &Summary, relatedness: &[f64]) -> Self {
        let similar = similarity(summary);
        let error = |first: usize, split: &str| {
            let of = |task: usize| summary.tasks.get(task)?.results.get(split).copied();
            Some((of(first)? + of(first + 1)?) / 2.0)
        };
        let pair = |(index, &relatedness): (usize, &f64)| {
            let first = 2 * index;
            Some(Pair {
                relatedness,
                train: error(first, "train")?,
                test: error(first, "test")?,
                similarity: similar[first][first + 1],
            })
        };
        Self {
            seed: summary.seed,
            pairs: relatedness.iter().enumerate().filter_map(pair).collect(),
            between: group_similarity(summary, &similar).between,
        }
    }

    fn mean(&self, relatedness: f64, value: fn(&Pair) -> f64) -> Option<f64> {
        mean(
            self.pairs
                .iter()
                .filter(|pair| pair.relatedness == relatedness)
                .map(value),
        )
    }
}

impl Series {
    fn new(label: &str, runs: &[Summary], relatedness: &[f64]) -> Self {
        let layers = runs.iter().flat_map(|run| &run.routed_layers);
        let mut probabilities = layers.flat_map(|layer| layer.probabilities.iter().flatten());
        Self {
            label: label.to_owned(),
            // A fixed router has nothing but 0 and 1.
            is_learned: probabilities.any(|&p| p != 0.0 && p != 1.0),
            runs: (runs.iter().map(|run| Pairs::new(run, relatedness))).collect(),
        }
    }

    pub fn pairs(&self) -> impl Iterator<Item = &Pair> + Clone {
        self.runs.iter().flat_map(|run| &run.pairs)
    }

    /// The relatednesses that there are, in order.
    pub fn relatednesses(&self) -> Vec<f64> {
        let mut values: Vec<f64> = self.pairs().map(|pair| pair.relatedness).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        values
    }

    /// Mean and deviation over the runs of the mean over a run's pairs.
    pub fn estimate(&self, relatedness: f64, value: fn(&Pair) -> f64) -> Option<Estimate> {
        let means = self.runs.iter().filter_map(|r| r.mean(relatedness, value));
        Estimate::new(&means.collect::<Vec<_>>())
    }

    /// Mean test error over the pairs of each run, with its seed.
    fn test_errors(&self, relatedness: f64) -> Vec<(u64, f64)> {
        let error = |run: &Pairs| Some((run.seed, run.mean(relatedness, |pair| pair.test)?));
        self.runs.iter().filter_map(error).collect()
    }

    pub fn between(&self) -> Option<f64> {
        mean(self.runs.iter().filter_map(|run| run.between))
    }
}

impl Relatedness {
    /// Of runs of the source `synthetic`, whose settings say the relatedness of
    /// their pairs. `None` for other runs.
    pub(super) fn of_groups(groups: &[Group]) -> Option<Self> {
        let methods = groups.iter().map(|group| {
            let relatedness = relatedness_of_pairs(group)?;
            Some(Series::new(&group.label, &group.runs, &relatedness))
        });
        let methods = methods.collect::<Option<Vec<_>>>()?;
        let runs: Vec<&Summary> = groups.iter().flat_map(|group| &group.runs).collect();
        let caption = match runs[..] {
            [] => return None,
            [run] => caption::of_run(run),
            _ => caption::of_seeds(&runs),
        };
        Some(Self { caption, methods })
    }

    /// A row per method and relatedness: mean, and deviation if there are
    /// several seeds, of the mean over the pairs.
    pub fn table(&self) -> String {
        let rows = self.methods.iter().flat_map(|method| {
            let each = method.relatednesses().into_iter();
            each.map(move |relatedness| (method, relatedness))
        });
        let rows: Vec<(&Series, f64)> = rows.collect();
        let column = |heading: &str, value: fn(&Pair) -> f64, decimals: usize| {
            let cells = rows.iter().map(|(method, relatedness)| {
                let estimate = method.estimate(*relatedness, value);
                estimate.map_or("-".to_owned(), |e| e.rounded(decimals))
            });
            Column::right(heading, cells)
        };
        let pairs = rows.iter().map(|(method, relatedness)| {
            let pairs = method.pairs().filter(|p| p.relatedness == *relatedness);
            pairs.count().to_string()
        });
        let mut columns = vec![
            Column::right("relatedness", rows.iter().map(|(_, r)| r.to_string())),
            Column::right("pairs", pairs),
            column("train error", |pair| pair.train, 4),
            column("test error", |pair| pair.test, 4),
            column("similarity within the pair", |pair| pair.similarity, 2),
        ];
        if self.methods.len() > 1 {
            let names = rows.iter().map(|(method, _)| method.label.clone());
            columns.insert(0, Column::left("method", names));
        }
        let between = self.methods.iter().filter(|m| m.is_learned).map(|method| {
            let between = method.between()?;
            let of = match self.methods.len() {
                1 => String::new(),
                _ => format!("{}, ", method.label),
            };
            Some(format!(
                "{of}tasks of different pairs: similarity {between:.2}\n"
            ))
        });
        let mut text = lines(&columns).join("\n") + "\n";
        text.extend(between.flatten());
        text + &self.differences()
    }

    /// How the test error of the methods after the first differs from its, seed
    /// by seed; nothing where no two seeds are common.
    fn differences(&self) -> String {
        let Some((first, others)) = self.methods.split_first() else {
            return String::new();
        };
        let rows = others.iter().flat_map(|method| {
            let each = method.relatednesses().into_iter();
            each.filter_map(move |relatedness| {
                let [a, b] = [method, first].map(|m| m.test_errors(relatedness));
                let difference = Estimate::of_differences(&a, &b)?;
                Some((method.label.clone(), relatedness, difference))
            })
        });
        let rows: Vec<(String, f64, Estimate)> = rows.collect();
        if rows.is_empty() {
            return String::new();
        }
        let columns = [
            Column::left("method", rows.iter().map(|row| row.0.clone())),
            Column::right("relatedness", rows.iter().map(|row| row.1.to_string())),
            Column::right(
                &format!("test error minus that of {}, same seeds", first.label),
                rows.iter().map(|row| row.2.rounded(4)),
            ),
            Column::right(
                "95 % interval",
                rows.iter().map(|row| row.2.shown_interval(4)),
            ),
        ];
        format!("\n{}\n", lines(&columns).join("\n"))
    }
}

/// The relatedness of each pair, by the settings of the runs.
fn relatedness_of_pairs(group: &Group) -> Option<Vec<f64>> {
    let setting = |name: &str| group.setting(name).cloned();
    let relatedness: Vec<f64> = serde_json::from_value(setting("relatedness")?).ok()?;
    let pairs: usize = serde_json::from_value(setting("pairs")?).ok()?;
    let each = |&r: &f64| std::iter::repeat_n(r, pairs);
    let all = relatedness.iter().flat_map(each);
    Some(all.take(group.runs[0].tasks.len() / 2).collect())
}

#[cfg(test)]
#[path = "relatedness_tests.rs"]
pub(crate) mod tests;
