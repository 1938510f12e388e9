//! Error and overlap against the relatedness of pairs of tasks.

use std::path::{Path, PathBuf};

use paramalloc_core::summary::Summary;
use paramalloc_core::summary::similarity::{group_similarity, similarity};

use super::axis::{Axis, Panel};
use super::curves::draw_legend;
use super::line_style::LineStyle;
use super::palette::RULE;
use super::picture::{MARGIN, Picture};
use super::{PlotError, heading, write_pictures};
use crate::columns::{Column, lines};
use crate::number::mean;
use crate::seeds::{Estimate, Group, SeedsError};

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 240.0;
/// Room for the labels left of a panel and above it.
const LEFT: f64 = 56.0;
const ABOVE: f64 = 30.0;
/// Between the marks of two methods at the same relatedness.
const APART: f64 = 9.0;

/// Error and overlap of pairs of tasks (0 and 1, 2 and 3, and so on) against
/// their relatedness, for one run or for several methods over seeds.
pub struct Relatedness {
    /// What runs these are.
    heading: String,
    methods: Vec<Series>,
}

/// The runs of one method.
struct Series {
    label: String,
    /// True if the allocation is learned: else its overlap is that of the
    /// method.
    is_learned: bool,
    runs: Vec<Pairs>,
}

/// The pairs of a run.
struct Pairs {
    seed: u64,
    pairs: Vec<Pair>,
    /// Mean similarity of tasks of different pairs.
    between: Option<f64>,
}

/// One pair of tasks; the errors are means over the two.
struct Pair {
    relatedness: f64,
    train: f64,
    test: f64,
    similarity: f64,
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

    fn pairs(&self) -> impl Iterator<Item = &Pair> + Clone {
        self.runs.iter().flat_map(|run| &run.pairs)
    }

    /// The relatednesses that there are, in order.
    fn relatednesses(&self) -> Vec<f64> {
        let mut values: Vec<f64> = self.pairs().map(|pair| pair.relatedness).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        values
    }

    /// Mean and deviation over the runs of the mean over a run's pairs.
    fn estimate(&self, relatedness: f64, value: fn(&Pair) -> f64) -> Estimate {
        let means = self.runs.iter().filter_map(|r| r.mean(relatedness, value));
        Estimate::new(&means.collect::<Vec<_>>())
    }

    /// Mean test error over the pairs of each run, with its seed.
    fn test_errors(&self, relatedness: f64) -> Vec<(u64, f64)> {
        let error = |run: &Pairs| Some((run.seed, run.mean(relatedness, |pair| pair.test)?));
        self.runs.iter().filter_map(error).collect()
    }

    fn between(&self) -> Option<f64> {
        mean(self.runs.iter().filter_map(|run| run.between))
    }
}

impl Relatedness {
    /// Of one run, with the relatedness of each of its pairs.
    pub fn new(summary: &Summary, relatedness: &[f64]) -> Self {
        Self {
            heading: heading::run(summary),
            methods: vec![Series::new(
                &summary.method,
                std::slice::from_ref(summary),
                relatedness,
            )],
        }
    }

    /// Of several runs; their settings say the relatedness of their pairs.
    ///
    /// # Errors
    /// If they are not runs with pairs of tasks.
    pub fn of_groups(groups: &[Group]) -> Result<Self, SeedsError> {
        let methods = groups.iter().map(|group| {
            let relatedness = group_relatedness(group).ok_or_else(|| {
                SeedsError::new(format!(
                    "a run of {} has no pairs of tasks; give runs of the experiment `synthetic`",
                    group.label
                ))
            })?;
            Ok(Series::new(&group.label, &group.runs, &relatedness))
        });
        let methods = methods.collect::<Result<Vec<_>, _>>()?;
        let runs = groups.iter().flat_map(|group| &group.runs);
        let mut seeds: Vec<u64> = runs.map(|run| run.seed).collect();
        seeds.sort_unstable();
        seeds.dedup();
        let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
        let data = groups.first().map(|group| &group.runs[0].data.name);
        Ok(Self {
            heading: format!(
                "{} {} · data: {}",
                if seeds.len() == 1 { "seed" } else { "seeds" },
                seeds.join(", "),
                data.map_or("", String::as_str)
            ),
            methods,
        })
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
                method.estimate(*relatedness, value).rounded(decimals)
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
                &format!("test error less that of {}, same seeds", first.label),
                rows.iter().map(|row| row.2.rounded(4)),
            ),
            Column::right(
                "95 % interval",
                rows.iter().map(|row| row.2.interval(false)),
            ),
        ];
        format!("\n{}\n", lines(&columns).join("\n"))
    }

    /// Draws `relatedness.png` and `relatedness.svg` into `folder`, which is
    /// made if need be. Returns the files.
    pub fn draw(&self, folder: &Path) -> Result<Vec<PathBuf>, PlotError> {
        write_pictures(folder, &[("relatedness", self.picture())])
    }

    fn picture(&self) -> Picture {
        let mut picture = Picture::default();
        let mut captions = vec![
            self.heading.clone(),
            "A mark is a pair of tasks; a line goes through the means.".to_owned(),
        ];
        let all: Vec<(usize, &Series)> = self.methods.iter().enumerate().collect();
        let mut learned = all.clone();
        learned.retain(|(_, method)| method.is_learned);
        let between = mean(learned.iter().filter_map(|(_, method)| method.between()));
        if let Some(between) = between {
            captions.push(format!(
                "Gray line: mean similarity of tasks of different pairs, {between:.2}."
            ));
        }
        if all.len() > 1 {
            captions.push(
                "Methods stand side by side at each relatedness; on the right those that learn the allocation."
                    .to_owned(),
            );
        }
        let title = "Error and overlap against relatedness";
        let top = heading::draw_lines(&mut picture, title, &captions) + ABOVE;
        let pairs = || self.methods.iter().flat_map(Series::pairs);
        let panel = |place: usize, up: Axis| Panel {
            x: MARGIN + LEFT + place as f64 * (WIDTH + LEFT + 12.0),
            y: top,
            width: WIDTH,
            height: HEIGHT,
            across: across(pairs().map(|p| p.relatedness)),
            up,
            below: "relatedness",
        };
        let error = panel(0, Axis::values(pairs().map(|p| p.test), false, false));
        error.draw(&mut picture, "Test error (mean squared)");
        draw_marks(&mut picture, &error, &all, |pair| pair.test);
        if !learned.is_empty() {
            let overlap = panel(1, Axis::values([0.0, 1.0].into_iter(), false, false));
            overlap.draw(&mut picture, "Similarity of the allocations within a pair");
            if let Some(between) = between {
                let y = overlap.at(0.0, between).1;
                let right = overlap.x + overlap.width;
                picture.line(vec![(overlap.x, y), (right, y)], 1.5, RULE);
            }
            draw_marks(&mut picture, &overlap, &learned, |pair| pair.similarity);
        }
        if self.methods.len() > 1 {
            let entries = self.methods.iter().enumerate();
            let entries: Vec<(String, LineStyle)> =
                (entries.map(|(i, m)| (m.label.clone(), LineStyle::numbered(i)))).collect();
            let place = (MARGIN + LEFT, top + HEIGHT + 54.0);
            draw_legend(&mut picture, &entries, place, 0.0);
        }
        picture
    }
}

/// The marks of each method, beside those of the others.
fn draw_marks(
    picture: &mut Picture,
    panel: &Panel,
    methods: &[(usize, &Series)],
    value: fn(&Pair) -> f64,
) {
    let middle = (methods.len() as f64 - 1.0) / 2.0;
    for (place, (index, method)) in methods.iter().enumerate() {
        let style = LineStyle::numbered(*index);
        let aside = (place as f64 - middle) * APART;
        let at = |relatedness: f64, value: f64| {
            let (x, y) = panel.at(relatedness, value);
            (x + aside, y)
        };
        let means = method.relatednesses().into_iter();
        let means = means.map(|r| at(r, method.estimate(r, value).mean));
        style.draw(picture, &means.collect::<Vec<_>>(), 0);
        for pair in method.pairs() {
            style.draw(picture, &[at(pair.relatedness, value(pair))], 1);
        }
    }
}

/// An axis with room for the marks at both ends.
fn across(relatedness: impl Iterator<Item = f64> + Clone) -> Axis {
    let low = relatedness.clone().fold(f64::INFINITY, f64::min);
    let high = relatedness.clone().fold(f64::NEG_INFINITY, f64::max);
    // Of one relatedness alone the axis still has a width.
    let room = if low < high { 0.04 * (high - low) } else { 0.1 };
    let ends = [low - room, high + room];
    Axis::values(
        relatedness.chain(ends.into_iter().filter(|e| e.is_finite())),
        false,
        false,
    )
}

/// The relatedness of each pair, by the settings of the runs.
fn group_relatedness(group: &Group) -> Option<Vec<f64>> {
    let setting = |name: &str| group.settings.get(name).cloned();
    let relatedness: Vec<f64> = serde_json::from_value(setting("relatedness")?).ok()?;
    let pairs: usize = serde_json::from_value(setting("pairs")?).ok()?;
    let each = |&r: &f64| std::iter::repeat_n(r, pairs);
    Some(relatedness.iter().flat_map(each).collect())
}

#[cfg(test)]
mod tests;
