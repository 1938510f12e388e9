//! `paramalloc plot`: who uses what, how alike the tasks are, and how it came
//! to be.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use paramalloc_plot::compare::Comparison;
use paramalloc_plot::{self as figures, Drawing, Kind, Run, Theme};

use crate::error::Error;
use crate::output::{listed, print, say};

/// Prints and draws the allocation and the course of training of runs
///
/// Prints the allocation, the similarity of the tasks and the results of each
/// run, then draws them, the connection probabilities over time and the
/// training curves, also of a run that is running or was stopped. Finished runs
/// of one experiment are also drawn side by side (--out): the metric against
/// what a task needs, the gain of each task over the first method, and the
/// curves as means over the seeds.
#[derive(Args, Debug)]
pub struct Plot {
    /// Run directories, plotted one after the other
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,

    /// Directory for the plots, created if need be; several runs have a
    /// directory each in it, beside the figures that compare them [default:
    /// RUN/plots]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// The split whose results are compared
    #[arg(long, default_value = "test", value_name = "SPLIT")]
    split: String,

    #[command(flatten)]
    looks: Looks,
}

/// How figures are written.
#[derive(Args, Clone, Debug)]
pub struct Looks {
    /// Kinds of files, separated by commas
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_values = ["png", "svg"],
        value_name = "KIND"
    )]
    format: Vec<Format>,

    /// Draw light on dark
    #[arg(long)]
    dark: bool,
}

/// Kind of file of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Pixels
    Png,
    /// Shapes, with hints for those who point at them
    Svg,
    /// Shapes, for a paper
    Pdf,
}

impl Looks {
    /// As the figures take it.
    pub fn drawing(&self) -> Drawing {
        let kinds = self.format.iter().map(|format| match format {
            Format::Png => Kind::Png,
            Format::Svg => Kind::Svg,
            Format::Pdf => Kind::Pdf,
        });
        Drawing {
            theme: if self.dark { Theme::Dark } else { Theme::Light },
            kinds: kinds.collect(),
        }
    }
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
            return plot(run, out, &self.looks.drawing());
        }
        let mut failed = 0;
        for (index, (run, out)) in self.runs.iter().zip(&outs).enumerate() {
            let line = if index > 0 { "\n" } else { "" };
            print(&format!("{line}== {}\n\n", run.display()))?;
            match plot(run, out, &self.looks.drawing()) {
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
            0 => self.plot_together(),
            failed => Err(Error::Some { failed, all }),
        }
    }

    /// Draws the runs side by side, where that is possible.
    fn plot_together(&self) -> Result<(), Error> {
        let Some(out) = &self.out else {
            say("note: give --out DIR for the figures that compare the runs");
            return Ok(());
        };
        let drawn = Comparison::read(&self.runs)
            .and_then(|runs| runs.draw(&self.split, out, &self.looks.drawing()));
        let files = match drawn {
            Ok(files) => files,
            Err(
                why @ (figures::Error::Incomparable { .. }
                | figures::Error::Unfinished { .. }
                | figures::Error::SameSeed { .. }
                | figures::Error::NoResults { .. }),
            ) => {
                say(&format!(
                    "note: there are no figures that compare the runs: {why}"
                ));
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        print(&format!("\nPlots of all\n{}", listed(&files)))
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

fn plot(directory: &Path, out: &Path, drawing: &Drawing) -> Result<(), Error> {
    let run = Run::read(directory)?;
    for omission in run.omissions() {
        say(&format!("warning: {omission}"));
    }
    print(&run.text())?;
    let missing = run.characters_without_font();
    if !missing.is_empty() && drawing.kinds.iter().any(|kind| *kind != Kind::Svg) {
        let missing: String = missing.into_iter().collect();
        say(&format!(
            "warning: no font of this system has `{missing}`: PNG and PDF files show boxes for them; install a font that has them, or take the SVG files"
        ));
    }
    let files = run.draw(out, drawing)?;
    print(&format!("\nPlots\n{}", listed(&files)))
}
