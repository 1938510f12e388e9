//! A saved run, as its directory holds it.

use std::fmt;
use std::path::{Path, PathBuf};

use paramalloc_core::summary::{self, Metric, RunManifest, Summary, SummaryError};

use crate::{Error, report, settings, unfinished};

/// A saved run: its summary and the course of its training.
///
/// ```no_run
/// use paramalloc_plot::Run;
///
/// let run = Run::read("runs/mnist-seed0".as_ref())?;
/// for omission in run.omissions() {
///     eprintln!("warning: {omission}");
/// }
/// println!("{}", run.text());
/// # Ok::<(), paramalloc_plot::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    summary: Summary,
    metrics: Vec<Metric>,
    budget: Option<f64>,
    omissions: Vec<Omission>,
}

/// What a run directory lacks, so that its figures do too, or what is not as
/// the run left it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Omission {
    /// There is no file of metrics.
    NoMetrics {
        /// The file.
        path: PathBuf,
    },
    /// The file of metrics is empty.
    EmptyMetrics {
        /// The file.
        path: PathBuf,
    },
    /// The content of a file is not what the run left there.
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The last line of the metrics is not whole.
    TornLine {
        /// The file.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
    },
}

impl fmt::Display for Omission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMetrics { path } => write!(
                f,
                "`{}` does not exist, so nothing is drawn over time",
                path.display()
            ),
            Self::EmptyMetrics { path } => write!(
                f,
                "`{}` has no lines, so nothing is drawn over time",
                path.display()
            ),
            Self::Changed { path } => write!(
                f,
                "the content of `{}` is not what the run wrote, by its checksum in manifest.json: \
                 it is damaged or somebody changed it",
                path.display()
            ),
            Self::TornLine { path, line } => write!(
                f,
                "the last line ({line}) of `{}` is cut off, so it is left out; \
                 the run may have been stopped while it wrote",
                path.display()
            ),
        }
    }
}

/// Those of the files `names` of a run that are not as it left them.
pub(crate) fn changed(run: &Path, names: &[&str]) -> Vec<Omission> {
    let changed = names
        .iter()
        .filter(|name| RunManifest::is_changed(run, name));
    let paths = changed.map(|name| run.join(name));
    paths.map(|path| Omission::Changed { path }).collect()
}

impl Run {
    /// Reads and checks `summary.json` and `metrics.jsonl` of a run directory.
    /// Of a run that has no summary yet, since it is running or was killed, the
    /// metrics say how far it is.
    /// A run without metrics has an [`Omission`] and fewer figures.
    ///
    /// # Errors
    /// If the directory holds no run, one of the files is damaged, or a newer
    /// version wrote it.
    pub fn read(directory: &Path) -> Result<Self, Error> {
        let summary = match Summary::read(directory) {
            Err(SummaryError::Missing(_)) if directory.join("config.json").is_file() => {
                unfinished::summary(directory)?
            }
            Ok(stopped) if !stopped.finished => {
                // A run that continues keeps the summary of its stop.
                let running = unfinished::summary(directory).ok();
                let goes_on = running.filter(|running| running.global_step > stopped.global_step);
                goes_on.unwrap_or(stopped)
            }
            summary => summary?,
        };
        Self::with_summary(directory, summary)
    }

    /// A run that is under way, whatever summary it has from an earlier stop. The
    /// names of the components and what each task uses of the network are left out,
    /// so that it may have layers of the program's own.
    ///
    /// # Errors
    /// As [`Self::read`], and if there is no train line yet.
    pub fn read_running(directory: &Path) -> Result<Self, Error> {
        Self::with_summary(directory, unfinished::without_shares(directory)?)
    }

    fn with_summary(directory: &Path, summary: Summary) -> Result<Self, Error> {
        let path = directory.join("metrics.jsonl");
        let mut omissions = changed(directory, &["summary.json", "metrics.jsonl"]);
        let metrics = match summary::read_metrics(directory, &summary) {
            Ok(file) => {
                if let Some(line) = file.torn_line {
                    let path = path.clone();
                    omissions.push(Omission::TornLine { path, line });
                }
                if file.metrics.is_empty() {
                    omissions.push(Omission::EmptyMetrics { path });
                }
                file.metrics
            }
            Err(SummaryError::Missing(path)) => {
                omissions.push(Omission::NoMetrics { path });
                Vec::new()
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Self {
            summary,
            metrics,
            budget: settings::budget(directory),
            omissions,
        })
    }

    /// From its parts, in memory.
    #[cfg(all(test, feature = "figures"))]
    pub(crate) fn of_parts(summary: Summary, metrics: Vec<Metric>) -> Self {
        Self {
            summary,
            metrics,
            budget: Some(0.5),
            omissions: Vec::new(),
        }
    }

    /// The outcome of the run.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The lines of `metrics.jsonl`, in order of their steps.
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// The share of the components that a task may use without penalty, if
    /// there is a penalty and the run says so.
    pub fn budget(&self) -> Option<f64> {
        self.budget
    }

    /// What the run directory lacks.
    pub fn omissions(&self) -> &[Omission] {
        &self.omissions
    }

    /// The allocation, the similarities and the final results as text, as wide
    /// as the terminal that standard output is, else 120 characters.
    pub fn text(&self) -> String {
        report::whole(&self.summary, report::width())
    }
}
