//! `paramalloc compare`: runs of one experiment side by side.

use std::path::PathBuf;

use clap::Args;
use paramalloc_plot::compare::Comparison;

use crate::error::Error;
use crate::output::{listed, print};

/// Compares runs of one experiment: mean, deviation and interval over seeds
///
/// Prints a Markdown table of mean, sample deviation and 95 % interval over
/// seeds, then how the groups differ from the first one, seed by seed. Runs
/// with the same settings but for the seed are a group. Runs of `synthetic`
/// have another table, of error and overlap against the relatedness of the
/// tasks, and a figure of it.
#[derive(Args, Debug)]
pub struct Compare {
    /// Directories of finished runs of one experiment
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,

    /// The split whose results are compared
    #[arg(long, default_value = "test", value_name = "SPLIT")]
    split: String,

    /// Directory for the figures, if there are any; created if need be
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Compare {
    pub fn run(self) -> Result<(), Error> {
        let runs = Comparison::read(&self.runs)?;
        print(&runs.table(&self.split)?)?;
        let Some(relatedness) = runs.relatedness() else {
            return match self.out {
                None => Ok(()),
                Some(_) => Err(Error::NoFigure),
            };
        };
        print(&format!("\n{}", relatedness.table()))?;
        match self.out {
            None => Ok(()),
            Some(out) => {
                let files = relatedness.draw(&out)?;
                print(&format!("\nPlots\n{}", listed(&files)))
            }
        }
    }
}
