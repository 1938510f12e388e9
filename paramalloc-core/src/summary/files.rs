//! Reading and writing the files of a run directory.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::whole_file::{read_whole, write_whole};
use super::{FORMAT, Metric, Summary};
use crate::text::{brief, escaped};

/// File name of the summary in a run directory.
const SUMMARY: &str = "summary.json";
/// File name of the metrics in a run directory.
const METRICS: &str = "metrics.jsonl";

/// Why a run directory could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SummaryError {
    /// The directory itself is not there.
    #[error("`{}` is not a directory; give the directory that a run was saved to", .0.display())]
    NotADirectory(PathBuf),
    /// A file of the run is not there.
    #[error("`{}` does not exist; give the directory that a run was saved to", .0.display())]
    Missing(PathBuf),
    /// The operating system refused to read a file.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The operating system refused to write a file.
    #[error("cannot write `{}`: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The text is not the JSON of this format.
    #[error("`{}` is broken at line {line}: {problem}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// Line of the first error, from 1.
        line: usize,
        /// What the parser said.
        problem: String,
    },
    /// A newer program wrote the file.
    #[error(
        "`{}` has format {found}, newer than {FORMAT}, the newest that this program reads; \
         update the program",
        path.display()
    )]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// The format that it names.
        found: u64,
    },
    /// The JSON is well formed, but its parts do not fit together.
    #[error("`{}` is not consistent: {problem}", path.display())]
    Inconsistent {
        /// The file.
        path: PathBuf,
        /// The field, and what is wrong with it.
        problem: String,
    },
}

impl Summary {
    /// Reads `summary.json` of a run directory and checks it as
    /// [`Summary::validate`] does.
    ///
    /// # Errors
    /// If the directory or the file is not there or cannot be read, or the file
    /// is not a summary of this format or an older one whose parts fit.
    pub fn read(directory: &Path) -> Result<Self, SummaryError> {
        if !directory.is_dir() {
            return Err(SummaryError::NotADirectory(directory.to_owned()));
        }
        let path = directory.join(SUMMARY);
        let mut summary: Self = read_formatted(&path)?;
        summary.escape_names();
        match summary.validate().map_err(brief) {
            Ok(()) => Ok(summary),
            Err(problem) => Err(SummaryError::Inconsistent { path, problem }),
        }
    }

    /// Escapes control characters in names: whoever wrote the file may not have.
    fn escape_names(&mut self) {
        let tasks = self.tasks.iter_mut();
        let of_tasks = tasks.flat_map(|task| [&mut task.name, &mut task.group]);
        let layers = self.routed_layers.iter_mut();
        let of_layers = layers.flat_map(|l| l.components.iter_mut().chain([&mut l.name]));
        let of_run = [
            &mut self.experiment,
            &mut self.method,
            &mut self.metric,
            &mut self.data.name,
        ];
        for name in of_run.into_iter().chain(of_tasks).chain(of_layers) {
            if let Cow::Owned(escaped) = escaped(name) {
                *name = escaped;
            }
        }
    }

    /// Checks the summary and writes it as `summary.json` into an existing
    /// directory. A file of that name is replaced in one step.
    ///
    /// # Errors
    /// If its parts do not fit together or the file cannot be written; a file
    /// of that name is as it was.
    pub fn write(&self, directory: &Path) -> Result<(), SummaryError> {
        let path = directory.join(SUMMARY);
        if let Err(problem) = self.validate() {
            return Err(SummaryError::Inconsistent { path, problem });
        }
        let json = serde_json::to_string_pretty(self).map_err(|error| SummaryError::Write {
            path: path.clone(),
            source: error.into(),
        })?;
        write_file(&path, (json + "\n").as_bytes())
    }
}

/// The lines of `metrics.jsonl`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetricsFile {
    /// The lines in order of `global_step`. Where a resumed run wrote a step
    /// again, the later line is kept.
    pub metrics: Vec<Metric>,
    /// Number of the last line, from 1, when it was cut off while being
    /// written; it is left out of `metrics`.
    pub torn_line: Option<usize>,
}

/// Reads `metrics.jsonl` of the run directory that `summary` was read from and
/// checks the shapes of its lines against the summary.
///
/// A last line without an end of line that does not parse is reported in
/// [`MetricsFile::torn_line`], since a run may be killed while it writes. Any
/// other broken line is an error.
///
/// # Errors
/// If the file is not there or cannot be read, a line is broken, or its shapes
/// are not those of the summary; the sentence has the line's number.
pub fn read_metrics(directory: &Path, summary: &Summary) -> Result<MetricsFile, SummaryError> {
    let path = directory.join(METRICS);
    let text = read_text(&path)?;
    let mut file = MetricsFile::default();
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let metric: Metric = match serde_json::from_str(line) {
            Ok(metric) => metric,
            Err(_) if !line.ends_with('\n') => {
                file.torn_line = Some(index + 1);
                break;
            }
            Err(error) => return Err(broken_json(&path, index, &error)),
        };
        if let Err(problem) = metric.validate(summary) {
            let problem = brief(format!("line {}: {problem}", index + 1));
            return Err(SummaryError::Inconsistent { path, problem });
        }
        let step = metric.global_step();
        if file.metrics.last().is_some_and(|m| m.global_step() >= step) {
            file.metrics.retain(|earlier| {
                earlier.global_step() < step
                    || (earlier.global_step() == step && !earlier.same_kind(&metric))
            });
        }
        file.metrics.push(metric);
    }
    Ok(file)
}

/// [`write_whole`] with an error that names the file.
///
/// # Errors
/// Names the file and the reason.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), SummaryError> {
    write_whole(path, bytes).map_err(|source| SummaryError::Write {
        path: path.to_owned(),
        source,
    })
}

impl Metric {
    /// Task steps done when the line was written.
    pub fn global_step(&self) -> u64 {
        match self {
            Self::Train(line) => line.global_step,
            Self::Evaluation(line) => line.global_step,
        }
    }

    fn same_kind(&self, other: &Self) -> bool {
        matches!(self, Self::Train(_)) == matches!(other, Self::Train(_))
    }
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u64,
}

/// What the file at `path` holds, which has a number of its format.
pub(super) fn read_formatted<T: DeserializeOwned>(path: &Path) -> Result<T, SummaryError> {
    let text = read_text(path)?;
    let broken = |error| broken_json(path, 0, &error);
    // A newer format may have other fields, so its number is read alone.
    let found = serde_json::from_str::<FormatOnly>(&text).map_err(broken)?;
    if found.format > u64::from(FORMAT) {
        return Err(SummaryError::NewerFormat {
            path: path.to_owned(),
            found: found.format,
        });
    }
    serde_json::from_str(&text).map_err(broken)
}

/// Text of a file. Bytes that are not UTF-8 are replaced, so that a torn or
/// foreign file is reported by the parser, with its line.
fn read_text(path: &Path) -> Result<String, SummaryError> {
    match read_whole(path) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(SummaryError::Missing(path.to_owned()))
        }
        Err(source) => Err(SummaryError::Read {
            path: path.to_owned(),
            source,
        }),
    }
}

fn broken_json(path: &Path, lines_before: usize, error: &serde_json::Error) -> SummaryError {
    let text = error.to_string();
    // serde_json appends the position, which the sentence already gives.
    let problem = brief(text.split(" at line ").next().unwrap_or(&text));
    SummaryError::Broken {
        path: path.to_owned(),
        line: lines_before + error.line().max(1),
        problem,
    }
}
