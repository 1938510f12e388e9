//! `paramalloc compare`: runs of one experiment side by side.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use paramalloc_plot::Drawing;
use paramalloc_plot::compare::{Comparison, Results};

use crate::error::Error;
use crate::output::{listed, print, say};

/// Compares methods over seeds: means, intervals, differences and costs
///
/// Runs with the same settings but for the seed are one method. For each there
/// are the mean over the seeds with its 95 % interval, the share of the network
/// that a task uses, multiply-adds and time; and how it differs from the first
/// method, seed by seed, with a paired t test that is corrected for the number
/// of tests (Holm). Runs of `synthetic` have another table, of error and
/// overlap against the relatedness of the tasks, and a figure of it.
#[derive(Args, Debug)]
pub struct Compare {
    /// Directories of finished runs of one experiment, those of the method that
    /// the others are compared with first
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,

    /// The split whose results are compared
    #[arg(long, default_value = "test", value_name = "SPLIT")]
    split: String,

    /// Form of the tables; CSV and LaTeX are one table
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,

    /// Directory for the figures, if there are any; created if need be
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Form of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// A row per method and task, numbers in full, for other programs
    Csv,
    /// For a document or an issue
    Markdown,
    /// For a paper
    Latex,
}

impl Compare {
    pub fn run(self) -> Result<(), Error> {
        let runs = Comparison::read(&self.runs)?;
        let results = runs.results(&self.split)?;
        let table = match self.format {
            Format::Text => Results::text,
            Format::Csv => Results::csv,
            Format::Markdown => Results::markdown,
            Format::Latex => Results::latex,
        };
        print(&table(&results))?;
        let Some(relatedness) = runs.relatedness() else {
            return match self.out {
                None => Ok(()),
                Some(_) => Err(Error::NoFigure),
            };
        };
        let is_for_people = matches!(self.format, Format::Text | Format::Markdown);
        if is_for_people {
            print(&format!("\n{}", relatedness.table()))?;
        }
        if let Some(out) = self.out {
            let files = listed(&relatedness.draw(&out, &Drawing::default())?);
            match is_for_people {
                true => print(&format!("\nPlots\n{files}"))?,
                false => say(files.trim_end()),
            }
        }
        Ok(())
    }
}
