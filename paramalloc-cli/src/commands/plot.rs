//! `paramalloc plot`: who uses what, how alike the tasks are, and how it came
//! to be.

use std::path::{Path, PathBuf};

use clap::Args;
use paramalloc_plot::Run;

use crate::error::Error;
use crate::output::{listed, print, say};

/// Prints and draws the allocation and the course of training of runs
///
/// Prints the allocation, the similarity of the tasks and the results of each
/// run, then draws them, the connection probabilities over time and the
/// training curves, each as PNG and as SVG.
#[derive(Args, Debug)]
pub struct Plot {
    /// Run directories, plotted one after the other
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,

    /// Directory for the plots, created if need be; several runs have a
    /// directory each in it [default: RUN/plots]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Plot {
    pub fn run(self) -> Result<(), Error> {
        let outs: Vec<PathBuf> = self.runs.iter().map(|run| self.out_of(run)).collect();
        for (index, out) in outs.iter().enumerate() {
            if let Some(first) = outs[..index].iter().position(|other| other == out) {
                return Err(Error::SamePlots {
                    first: self.runs[first].clone(),
                    second: self.runs[index].clone(),
                    out: out.clone(),
                });
            }
        }
        if let ([run], [out]) = (&self.runs[..], &outs[..]) {
            return plot(run, out);
        }
        let mut failed = 0;
        for (index, (run, out)) in self.runs.iter().zip(&outs).enumerate() {
            let line = if index > 0 { "\n" } else { "" };
            print(&format!("{line}== {}\n\n", run.display()))?;
            match plot(run, out) {
                Ok(()) => {}
                // Nothing more can be written.
                Err(error @ Error::Output(_)) => return Err(error),
                Err(error) => {
                    say(&format!("error: {error}"));
                    failed += 1;
                }
            }
        }
        let all = self.runs.len();
        match failed {
            0 => Ok(()),
            failed => Err(Error::Some { failed, all }),
        }
    }

    /// Where the plots of a run go.
    fn out_of(&self, run: &Path) -> PathBuf {
        match &self.out {
            None => run.join("plots"),
            Some(out) if self.runs.len() == 1 => out.clone(),
            Some(out) => {
                // `.` has a name, too.
                let whole = run.canonicalize();
                let whole = whole.as_deref().unwrap_or(run);
                out.join(whole.file_name().unwrap_or_default())
            }
        }
    }
}

fn plot(directory: &Path, out: &Path) -> Result<(), Error> {
    let run = Run::read(directory)?;
    for omission in run.omissions() {
        say(&format!("warning: {omission}"));
    }
    print(&run.text())?;
    let files = run.draw(out)?;
    print(&format!("\nPlots\n{}", listed(&files)))
}
