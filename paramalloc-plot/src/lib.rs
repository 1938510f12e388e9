//! Pictures and text of a saved run: what the `plot` program does.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use paramalloc_core::summary::{self, Metric, Summary, SummaryError};

mod allocation;
mod axis;
pub mod cautions;
pub mod columns;
mod curves;
mod font;
mod heading;
mod line_style;
pub mod matrix;
pub mod number;
mod palette;
mod picture;
mod probabilities;
mod relatedness;
mod render;
mod scale_bar;
pub mod seeds;
mod similarity;
mod splits;
#[cfg(test)]
mod synthetic;
#[cfg(test)]
pub(crate) fn made_up() -> Summary {
    synthetic::digits().summary
}
mod tasks;
mod text;

use picture::Picture;
pub use relatedness::Relatedness;
pub use splits::splits_in_order;

/// Settings that change no result: threads, checkpoints, and where the data
/// are looked for, whose identity is compared by itself.
pub const FREE: [&str; 5] = [
    "threads",
    "checkpoint_every",
    "keep_checkpoints",
    "data",
    "data_dir",
];

/// Why the pictures could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// A file of the run cannot be read, or a picture cannot be written.
    #[error(transparent)]
    File(#[from] SummaryError),
    /// The folder for the pictures cannot be made.
    #[error("cannot create the folder `{}`: {source}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// plotters could not draw.
    #[error("cannot draw `{}`: {problem}", path.display())]
    Draw {
        /// The picture.
        path: PathBuf,
        /// What the library said.
        problem: String,
    },
}

/// A saved run, read from its folder.
pub struct Run {
    summary: Summary,
    metrics: Vec<Metric>,
    /// One sentence for each thing that is left out, and why.
    pub warnings: Vec<String>,
}

impl Run {
    /// Reads and checks `summary.json` and `metrics.jsonl`. A run without
    /// metrics gives a warning and fewer pictures.
    pub fn read(folder: &Path) -> Result<Self, PlotError> {
        let summary = Summary::read(folder)?;
        let mut warnings = Vec::new();
        let metrics = match summary::read_metrics(folder, &summary) {
            Ok(file) => {
                let torn = file.torn_line.map(|line| {
                    format!(
                        "the last line ({line}) of `{}` is cut off, so it is left out; \
                         the run may have been stopped while it wrote",
                        folder.join("metrics.jsonl").display()
                    )
                });
                warnings.extend(torn);
                if file.metrics.is_empty() {
                    let path = folder.join("metrics.jsonl");
                    warnings.push(format!(
                        "`{}` has no lines, so nothing is drawn over time",
                        path.display()
                    ));
                }
                file.metrics
            }
            Err(SummaryError::Missing(path)) => {
                warnings.push(format!(
                    "`{}` does not exist, so nothing is drawn over time",
                    path.display()
                ));
                Vec::new()
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Self {
            summary,
            metrics,
            warnings,
        })
    }

    /// The allocation, the similarities and the final figures as text, as wide
    /// as the terminal.
    pub fn text(&self) -> String {
        text::report(&self.summary, text::terminal_width())
    }

    /// Draws every picture that the run has data for into `folder`, which is
    /// made if need be, as PNG and as SVG. Returns the files.
    pub fn draw(&self, folder: &Path) -> Result<Vec<PathBuf>, PlotError> {
        write_pictures(folder, &self.pictures())
    }

    fn pictures(&self) -> Vec<(&'static str, Picture)> {
        let routed = !self.summary.routed_layers.is_empty();
        let (summary, metrics) = (&self.summary, &self.metrics);
        [
            ("allocation", routed.then(|| allocation::draw(summary))),
            ("similarity", routed.then(|| similarity::draw(summary))),
            ("probabilities", probabilities::draw(summary, metrics)),
            ("curves", curves::draw(summary, metrics)),
        ]
        .into_iter()
        .filter_map(|(name, picture)| Some((name, picture?)))
        .collect()
    }
}

/// Writes each picture as PNG and as SVG into `folder`, which is made if need
/// be. Returns the files.
fn write_pictures(folder: &Path, pictures: &[(&str, Picture)]) -> Result<Vec<PathBuf>, PlotError> {
    fs::create_dir_all(folder).map_err(|source| PlotError::Folder {
        folder: folder.to_owned(),
        source,
    })?;
    let mut files = Vec::new();
    for (name, picture) in pictures {
        type Render = fn(&Picture) -> Result<Vec<u8>, String>;
        let kinds: [(&str, Render); 2] = [("png", render::png), ("svg", render::svg)];
        for (ending, render) in kinds {
            let path = folder.join(format!("{name}.{ending}"));
            let bytes = render(picture).map_err(|problem| PlotError::Draw {
                path: path.clone(),
                problem,
            })?;
            summary::write_file(&path, &bytes)?;
            files.push(path);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::picture::{MARGIN, Shape};
    use super::synthetic::{self, Synthetic};
    use super::*;

    fn pictures(run: Synthetic) -> Vec<(&'static str, Picture)> {
        let run = Run {
            summary: run.summary,
            metrics: run.metrics,
            warnings: Vec::new(),
        };
        run.pictures()
    }

    /// Left, top, right and bottom of each text, with the text.
    fn labels(picture: &Picture) -> Vec<([f64; 4], &str)> {
        let texts = picture.shapes.iter().filter_map(|shape| match shape {
            Shape::Text(text) => Some((text.bounds(), text.text.as_str())),
            _ => None,
        });
        texts.collect()
    }

    #[test]
    fn labels_neither_overlap_nor_leave_the_picture() {
        let runs = [
            synthetic::digits(),
            synthetic::fixed(),
            synthetic::single(),
            synthetic::clusters(),
            synthetic::alphabets(),
        ];
        for run in runs {
            let experiment = run.summary.experiment.clone();
            for (name, picture) in pictures(run) {
                let labels = labels(&picture);
                for (index, (a, text)) in labels.iter().enumerate() {
                    let inside = a[0] >= MARGIN - 1.0
                        && a[1] >= MARGIN - 1.0
                        && a[2] <= picture.width - MARGIN + 1.0
                        && a[3] <= picture.height - MARGIN + 1.0;
                    assert!(inside, "{experiment}, {name}: {text} at {a:?}");
                    for (b, other) in &labels[..index] {
                        let apart = a[0] >= b[2] || b[0] >= a[2] || a[1] >= b[3] || b[1] >= a[3];
                        assert!(apart, "{experiment}, {name}: {text} over {other}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_task_layer_and_group_is_named() {
        let run = synthetic::clusters();
        let summary = run.summary.clone();
        for (name, picture) in pictures(run).iter().filter(|(name, _)| *name != "curves") {
            let labels: Vec<&str> = labels(picture).iter().map(|label| label.1).collect();
            let tasks = summary.tasks.iter().map(|task| &task.name);
            for expected in tasks.chain(&summary.groups()) {
                assert!(labels.contains(&expected.as_str()), "{name}: {expected}");
            }
            for layer in summary
                .routed_layers
                .iter()
                .filter(|_| *name != "similarity")
            {
                assert!(
                    labels.contains(&layer.name.as_str()),
                    "{name}: {}",
                    layer.name
                );
            }
        }
    }

    #[test]
    fn the_allocation_fills_a_cell_per_connection() {
        let run = synthetic::digits();
        let rows = run.summary.allocation_rows();
        let used = rows.iter().flatten().filter(|&&used| used == 1).count();
        let unused = rows.iter().flatten().count() - used;
        let picture = allocation::draw(&run.summary);
        let cells = |wanted: plotters::style::RGBColor| {
            let shapes = picture.shapes.iter();
            let same = |shape: &&Shape| matches!(shape, Shape::Rectangle { color, width, height, .. } if *color == wanted && width == height);
            shapes.filter(same).count()
        };
        let filled = cells(palette::category(0)) + cells(palette::category(1));
        assert_eq!((filled, cells(palette::EMPTY)), (used, unused));
    }

    #[test]
    fn a_fixed_router_has_no_picture_of_probabilities() {
        let names = |run| -> Vec<&str> { pictures(run).iter().map(|p| p.0).collect() };
        assert_eq!(
            names(synthetic::fixed()),
            ["allocation", "similarity", "curves"]
        );
        let all = ["allocation", "similarity", "probabilities", "curves"];
        assert_eq!(names(synthetic::digits()), all);
    }

    #[test]
    fn runs_of_any_size_are_drawn() {
        for (tasks, layers, components) in [(2, 1, 300), (300, 2, 2), (3, 60, 2), (1, 1, 1)] {
            let run = synthetic::sized(tasks, layers, components);
            let report = text::report(&run.summary, Some(1));
            assert!(report.contains("task 0"));
            for (name, picture) in pictures(run) {
                let longest = picture.width.max(picture.height);
                assert!(longest < 4500.0, "{name} of {tasks} tasks: {longest}");
            }
        }
        // Stopped before its first step.
        let mut run = synthetic::digits();
        run.metrics.truncate(1);
        let Metric::Train(line) = &mut run.metrics[0] else {
            panic!("the first line is of training");
        };
        line.global_step = 0;
        assert_eq!(pictures(run).len(), 4);
    }
}
