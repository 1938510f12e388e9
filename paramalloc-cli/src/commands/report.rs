//! `paramalloc report`: a page about runs.

use std::path::PathBuf;

use clap::Args;
use paramalloc_core::summary::write_file;
use paramalloc_plot::compare::Comparison;
use paramalloc_plot::{self as plot, Report as Page};

use crate::error::Error;
use crate::output::print;

/// Writes a page about runs: one HTML file that needs nothing else
///
/// It says what was run, with which results and warnings, and has the figures
/// and the allocations. Figures say more to who points at them, and tables are
/// sorted by a click. Several finished runs of one experiment are compared as
/// `compare` does.
#[derive(Args, Debug)]
pub struct Report {
    /// Run directories, those of the method that the others are compared with
    /// first
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,

    /// The split whose results are compared
    #[arg(long, default_value = "test", value_name = "SPLIT")]
    split: String,

    /// The file
    #[arg(long, default_value = "report.html", value_name = "FILE")]
    out: PathBuf,

    /// Also write the results as a LaTeX table, as `compare --format latex` prints it
    #[arg(long, value_name = "FILE")]
    latex: Option<PathBuf>,
}

impl Report {
    pub fn run(self) -> Result<(), Error> {
        let html = Page::read(&self.runs)?.html(&self.split)?;
        write_file(&self.out, html.as_bytes()).map_err(plot::Error::from)?;
        print(&format!("{}\n", self.out.display()))?;
        if let Some(file) = &self.latex {
            let results = Comparison::read(&self.runs)?.results(&self.split)?;
            write_file(file, results.latex().as_bytes()).map_err(plot::Error::from)?;
            print(&format!("{}\n", file.display()))?;
        }
        Ok(())
    }
}
