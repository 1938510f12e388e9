//! Figures of a run and of several runs, as PNG, SVG and PDF.

use std::fs;
use std::path::{Path, PathBuf};

use paramalloc_core::summary::{self, Metric, Summary};

use crate::compare::{Comparison, Relatedness};
use crate::{Error, Run, caption};

mod allocation;
mod axis;
mod charts;
mod components;
mod curves;
mod figure;
mod font;
mod front;
mod gain;
mod heading;
mod line_style;
mod oklab;
mod palette;
mod pdf;
mod probabilities;
mod relatedness;
mod render;
mod scale_bar;
mod similarity;
mod snapshots;
pub(crate) mod svg;
mod system_fonts;
mod task_colors;
mod task_labels;
#[cfg(test)]
mod tests;

use charts::Course;
pub(crate) use figure::Figure;
use figure::Shape;
pub(crate) use palette::Color;
pub use palette::Theme;
#[cfg(test)]
pub(crate) use palette::{Category, heat};
pub(crate) use svg::escaped;

/// Kind of file of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Pixels, two for each CSS pixel.
    Png,
    /// Shapes and text; the viewer chooses the font.
    Svg,
    /// Shapes, text as outlines.
    Pdf,
}

/// How figures are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// Light or dark.
    pub theme: Theme,
    /// The kinds of files, each of every figure.
    pub kinds: Vec<Kind>,
}

impl Default for Drawing {
    /// Light, as PNG and as SVG.
    fn default() -> Self {
        Self {
            theme: Theme::Light,
            kinds: vec![Kind::Png, Kind::Svg],
        }
    }
}

impl Run {
    /// Draws every figure that the run has data for into `directory`, which is
    /// created if need be: `allocation`, `similarity`, `probabilities` and
    /// `curves`. Returns the files.
    ///
    /// # Errors
    /// Names the file that cannot be drawn or written.
    pub fn draw(&self, directory: &Path, drawing: &Drawing) -> Result<Vec<PathBuf>, Error> {
        write(directory, &self.figures(), drawing)
    }

    /// The characters of the names of the run that no font of this system has:
    /// PNG and PDF files show a box for each, SVG files leave them to the
    /// viewer.
    pub fn characters_without_font(&self) -> Vec<char> {
        let mut missing: Vec<char> = (self.figures().iter())
            .flat_map(|(_, figure)| &figure.shapes)
            .flat_map(|shape| match shape {
                Shape::Text(text) => font::missing(&text.text),
                _ => Vec::new(),
            })
            .collect();
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    fn course(&self) -> Course<'_> {
        Course {
            summary: self.summary(),
            metrics: self.metrics(),
            budget: self.budget(),
        }
    }

    pub(crate) fn figures(&self) -> Vec<(&'static str, Figure)> {
        figures(self.summary(), self.metrics(), self.budget())
    }
}

impl Comparison {
    /// Draws the methods side by side into `directory`, which is created if
    /// need be: `front`, the metric on `split` against what a task needs;
    /// `gain`, how each task differs from the first method; and the curves of
    /// each method with several seeds, as means with bands. Returns the files.
    ///
    /// # Errors
    /// If a run has no result for the split, its metrics cannot be read, or a
    /// file cannot be drawn or written.
    pub fn draw(
        &self,
        split: &str,
        directory: &Path,
        drawing: &Drawing,
    ) -> Result<Vec<PathBuf>, Error> {
        let figures = self.figures(split)?;
        let named: Vec<(&str, Figure)> = figures
            .iter()
            .map(|(name, figure)| (name.as_str(), figure.clone()))
            .collect();
        write(directory, &named, drawing)
    }

    pub(crate) fn figures(&self, split: &str) -> Result<Vec<(String, Figure)>, Error> {
        let results = self.results(split)?;
        let front = front::draw(&results).map(|figure| ("front".to_owned(), figure));
        let mut figures = Vec::from_iter(front);
        let summary = &self.groups()[0].runs()[0];
        figures.extend(gain::draw(&results, summary).map(|figure| ("gain".to_owned(), figure)));
        for (index, group) in self.groups().iter().enumerate() {
            if group.runs().len() < 2 {
                continue;
            }
            let runs = group.directories().iter().map(|run| Run::read(run));
            let runs = runs.collect::<Result<Vec<Run>, _>>()?;
            let courses: Vec<Course<'_>> = runs.iter().map(Run::course).collect();
            let summaries: Vec<&Summary> = group.runs().iter().collect();
            let caption = format!("{} · {}", group.label(), caption::of_seeds(&summaries));
            let figure = curves::draw(&courses, &caption);
            figures.extend(figure.map(|figure| (format!("curves-{}", index + 1), figure)));
        }
        Ok(figures)
    }
}

impl Relatedness {
    /// Draws `relatedness` into `directory`, which is created if need be.
    /// Returns the files.
    ///
    /// # Errors
    /// Names the file that cannot be drawn or written.
    pub fn draw(&self, directory: &Path, drawing: &Drawing) -> Result<Vec<PathBuf>, Error> {
        write(
            directory,
            &[("relatedness", relatedness::draw(self))],
            drawing,
        )
    }
}

fn figures(
    summary: &Summary,
    metrics: &[Metric],
    budget: Option<f64>,
) -> Vec<(&'static str, Figure)> {
    let routed = !summary.routed_layers.is_empty();
    let allocated = summary.allocated_layers().next().is_some();
    let course = Course {
        summary,
        metrics,
        budget,
    };
    [
        (
            "allocation",
            routed.then(|| allocation::draw(summary, budget)),
        ),
        ("similarity", allocated.then(|| similarity::draw(summary))),
        ("probabilities", probabilities::draw(summary, metrics)),
        ("curves", curves::draw(&[course], &caption::of_run(summary))),
    ]
    .into_iter()
    .filter_map(|(name, figure)| Some((name, figure?)))
    .collect()
}

/// Writes each figure into `directory`, which is created if need be. Returns
/// the files.
fn write(
    directory: &Path,
    figures: &[(&str, Figure)],
    drawing: &Drawing,
) -> Result<Vec<PathBuf>, Error> {
    fs::create_dir_all(directory).map_err(|source| Error::Directory {
        path: directory.to_owned(),
        source,
    })?;
    let mut files = Vec::new();
    for (name, figure) in figures {
        for kind in &drawing.kinds {
            let (ending, bytes) = match kind {
                Kind::Png => ("png", render::png(figure, drawing.theme)),
                Kind::Svg => ("svg", Ok(standalone_svg(figure, drawing.theme))),
                Kind::Pdf => ("pdf", pdf::pdf(figure, drawing.theme).map_err(Into::into)),
            };
            let path = directory.join(format!("{name}.{ending}"));
            let bytes = bytes.map_err(|source| Error::Draw {
                path: path.clone(),
                source,
            })?;
            summary::write_file(&path, &bytes)?;
            files.push(path);
        }
    }
    Ok(files)
}

/// A whole SVG file.
fn standalone_svg(figure: &Figure, theme: Theme) -> Vec<u8> {
    let mut paint = |color: Color| {
        let [red, green, blue] = color.rgb(theme);
        format!("#{red:02x}{green:02x}{blue:02x}")
    };
    svg::svg(figure, &mut paint).into_bytes()
}
