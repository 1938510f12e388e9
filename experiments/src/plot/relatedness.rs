//! Error and overlap against the relatedness of pairs of tasks.

use std::path::{Path, PathBuf};

use paramalloc_core::summary::Summary;
use paramalloc_core::summary::similarity::{group_similarity, similarity};

use super::axis::{Axis, Panel};
use super::palette::{self, RULE};
use super::picture::{MARGIN, Picture};
use super::{PlotError, heading, write_pictures};
use crate::run::columns::{Column, lines};

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 240.0;
/// Room for the labels left of a panel and above it.
const LEFT: f64 = 56.0;
const ABOVE: f64 = 30.0;
/// Half the side of a mark.
const MARK: f64 = 3.5;

/// The pairs of tasks of a run: tasks 0 and 1, 2 and 3, and so on.
pub struct Relatedness<'a> {
    summary: &'a Summary,
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

impl<'a> Relatedness<'a> {
    /// The pairs of `summary`, with the relatedness of each. What has no
    /// result is left out.
    pub fn new(summary: &'a Summary, relatedness: &[f64]) -> Self {
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
            summary,
            pairs: relatedness.iter().enumerate().filter_map(pair).collect(),
            between: group_similarity(summary, &similar).between,
        }
    }

    /// The relatednesses that there are, in order, each with its pairs.
    fn by_relatedness(&self) -> Vec<(f64, Vec<&Pair>)> {
        let mut values: Vec<f64> = self.pairs.iter().map(|pair| pair.relatedness).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let with = |r: f64| self.pairs.iter().filter(move |pair| pair.relatedness == r);
        values.iter().map(|&r| (r, with(r).collect())).collect()
    }

    /// A row per relatedness: means over its pairs.
    pub fn table(&self) -> String {
        let groups = self.by_relatedness();
        let column = |heading: &str, value: &dyn Fn(&Pair) -> f64, decimals: usize| {
            let means = groups.iter().map(|(_, pairs)| mean(pairs, value));
            Column::right(heading, means.map(|mean| format!("{mean:.decimals$}")))
        };
        let relatedness = groups.iter().map(|(r, _)| r.to_string());
        let counts = groups.iter().map(|(_, pairs)| pairs.len().to_string());
        let columns = [
            Column::right("relatedness", relatedness),
            Column::right("pairs", counts),
            column("train error", &|pair| pair.train, 4),
            column("test error", &|pair| pair.test, 4),
            column("similarity within the pair", &|pair| pair.similarity, 2),
        ];
        let mut text = lines(&columns).join("\n") + "\n";
        if let Some(between) = self.between {
            text += &format!("tasks of different pairs: similarity {between:.2}\n");
        }
        text
    }

    /// Draws `relatedness.png` and `relatedness.svg` into `folder`, which is
    /// made if need be. Returns the files.
    pub fn draw(&self, folder: &Path) -> Result<Vec<PathBuf>, PlotError> {
        write_pictures(folder, &[("relatedness", self.picture())])
    }

    fn picture(&self) -> Picture {
        let mut picture = Picture::default();
        let mut captions =
            vec!["A mark is a pair of tasks; the line goes through the means.".to_owned()];
        if let Some(between) = self.between {
            captions.push(format!(
                "Gray line: mean similarity of tasks of different pairs, {between:.2}."
            ));
        }
        let title = "Error and overlap against relatedness";
        let top = heading::draw(&mut picture, title, self.summary, &captions) + ABOVE;
        let panel = |place: usize, up: Axis| Panel {
            x: MARGIN + LEFT + place as f64 * (WIDTH + LEFT + 12.0),
            y: top,
            width: WIDTH,
            height: HEIGHT,
            across: Axis::values(self.pairs.iter().map(|p| p.relatedness), false, false),
            up,
            below: "relatedness",
        };
        let errors = Axis::values(self.pairs.iter().map(|p| p.test), false, false);
        let error = panel(0, errors);
        error.draw(&mut picture, "Test error (mean squared)");
        self.marks(&mut picture, &error, &|pair| pair.test);
        let overlap = panel(1, Axis::values([0.0, 1.0].into_iter(), false, false));
        overlap.draw(&mut picture, "Similarity of the allocations within a pair");
        if let Some(between) = self.between {
            let y = overlap.at(0.0, between).1;
            let right = overlap.x + overlap.width;
            picture.line(vec![(overlap.x, y), (right, y)], 1.5, RULE);
        }
        self.marks(&mut picture, &overlap, &|pair| pair.similarity);
        picture
    }

    fn marks(&self, picture: &mut Picture, panel: &Panel, value: &dyn Fn(&Pair) -> f64) {
        let color = palette::category(0);
        let groups = self.by_relatedness();
        let means = groups
            .iter()
            .map(|(r, pairs)| panel.at(*r, mean(pairs, value)));
        picture.line(means.collect(), 1.5, color);
        for pair in &self.pairs {
            let (x, y) = panel.at(pair.relatedness, value(pair));
            picture.rectangle(x - MARK, y - MARK, 2.0 * MARK, 2.0 * MARK, color);
        }
    }
}

fn mean(pairs: &[&Pair], value: &dyn Fn(&Pair) -> f64) -> f64 {
    pairs.iter().map(|pair| value(pair)).sum::<f64>() / pairs.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::super::synthetic;
    use super::*;

    /// Six tasks in three pairs.
    fn summary() -> Summary {
        let mut summary = synthetic::sized(6, 1, 2).summary;
        let rows = [[1, 0], [0, 1], [1, 1], [1, 0], [1, 0], [1, 0]];
        summary.routed_layers[0].allocation = rows.map(Vec::from).into();
        for (index, task) in summary.tasks.iter_mut().enumerate() {
            task.group = format!("pair {}", index / 2 + 1);
            let error = index as f64;
            task.results = [("train".into(), error), ("test".into(), 2.0 * error)].into();
        }
        summary
    }

    #[test]
    fn the_table_has_means_by_relatedness() {
        let summary = summary();
        let table = Relatedness::new(&summary, &[0.5, 1.0, 0.5]).table();
        let rows: Vec<Vec<&str>> = table
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        // Pairs 1 and 3: errors 0.5 and 4.5, similarities 0 and 1.
        assert_eq!(rows[1], ["0.5", "2", "2.5000", "5.0000", "0.50"]);
        assert_eq!(rows[2], ["1", "1", "2.5000", "5.0000", "0.71"]);
        // Between pairs 1 and 2, 1 and 3, 2 and 3, with s = sqrt(1/2):
        // s, 1, s, 0; 1, 1, 0, 0; s, s, 1, 1.
        let s = 0.5_f64.sqrt();
        let expected = format!("similarity {:.2}", (4.0 * s + 5.0) / 12.0);
        assert!(table.trim_end().ends_with(&expected), "{table}");
    }

    #[test]
    fn each_pair_has_a_mark_in_both_panels() {
        let summary = summary();
        let run = Relatedness::new(&summary, &[-1.0, 1.0, 1.0]);
        let marks = run.picture().shapes.into_iter().filter(|shape| {
            matches!(shape, super::super::picture::Shape::Rectangle { width, .. } if *width == 2.0 * MARK)
        });
        assert_eq!(marks.count(), 6);
    }
}
