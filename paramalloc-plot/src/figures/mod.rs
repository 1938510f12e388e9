//! Figures of a run and of several runs, as PNG and as SVG.

use std::fs;
use std::path::{Path, PathBuf};

use paramalloc_core::summary::{self, Metric, Summary};

use crate::compare::Relatedness;
use crate::{Error, Run};

mod allocation;
mod axis;
mod curves;
mod figure;
mod font;
mod heading;
mod line_style;
mod palette;
mod probabilities;
mod relatedness;
mod render;
mod scale_bar;
mod similarity;
mod task_labels;
#[cfg(test)]
mod tests;

use figure::Figure;

impl Run {
    /// Draws every figure that the run has data for into `directory`, which is
    /// created if need be, as PNG and as SVG: `allocation`, `similarity`,
    /// `probabilities` and `curves`. Returns the files.
    ///
    /// # Errors
    /// Names the file that cannot be drawn or written.
    pub fn draw(&self, directory: &Path) -> Result<Vec<PathBuf>, Error> {
        write(directory, &figures(self.summary(), self.metrics()))
    }
}

impl Relatedness {
    /// Draws `relatedness.png` and `relatedness.svg` into `directory`, which is
    /// created if need be. Returns the files.
    ///
    /// # Errors
    /// Names the file that cannot be drawn or written.
    pub fn draw(&self, directory: &Path) -> Result<Vec<PathBuf>, Error> {
        write(directory, &[("relatedness", relatedness::draw(self))])
    }
}

fn figures(summary: &Summary, metrics: &[Metric]) -> Vec<(&'static str, Figure)> {
    let routed = !summary.routed_layers.is_empty();
    [
        ("allocation", routed.then(|| allocation::draw(summary))),
        ("similarity", routed.then(|| similarity::draw(summary))),
        ("probabilities", probabilities::draw(summary, metrics)),
        ("curves", curves::draw(summary, metrics)),
    ]
    .into_iter()
    .filter_map(|(name, figure)| Some((name, figure?)))
    .collect()
}

/// Writes each figure as PNG and as SVG into `directory`, which is created if
/// need be. Returns the files.
fn write(directory: &Path, figures: &[(&str, Figure)]) -> Result<Vec<PathBuf>, Error> {
    fs::create_dir_all(directory).map_err(|source| Error::Directory {
        path: directory.to_owned(),
        source,
    })?;
    let mut files = Vec::new();
    for (name, figure) in figures {
        type Render = fn(&Figure) -> Result<Vec<u8>, render::DrawError>;
        let kinds: [(&str, Render); 2] = [("png", render::png), ("svg", render::svg)];
        for (ending, render) in kinds {
            let path = directory.join(format!("{name}.{ending}"));
            let bytes = render(figure).map_err(|source| Error::Draw {
                path: path.clone(),
                source,
            })?;
            summary::write_file(&path, &bytes)?;
            files.push(path);
        }
    }
    Ok(files)
}
