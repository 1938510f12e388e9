//! What can go wrong with a sweep.

use std::io;
use std::path::PathBuf;

/// Why a sweep cannot begin, or which of its runs failed.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is not a grid.
    #[error("{}: {}", path.display(), in_a_line(&source.to_string()))]
    Toml {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: Box<toml::de::Error>,
    },
    /// An axis without values.
    #[error("the axis `{axis}` must be a list of values, `{axis} = [0, 1]` for example")]
    Axis {
        /// The axis.
        axis: String,
    },
    /// A flag with a value that no flag has.
    #[error(
        "`{flag}` is {kind}, but must be a text, a number, true or false; several values are an axis"
    )]
    Value {
        /// The flag.
        flag: String,
        /// What it is.
        kind: &'static str,
    },
    /// A name that is no name of a directory.
    #[error(
        "`{name}` cannot be the name of a directory; use letters, digits and `._-+=,@`, no dot at an end, and no name of a device of Windows"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// Two runs with one name.
    #[error(
        "two runs are called `{name}`, in upper or lower case; give each variant and each value of an axis once"
    )]
    SameName {
        /// The name.
        name: String,
    },
    /// More runs than a sweep has.
    #[error("the axes have more than {most} combinations; give fewer values")]
    TooMany {
        /// The most.
        most: usize,
    },
    /// There is no such run.
    #[error("there is no run {index}; the {runs} runs are numbered from 0")]
    Index {
        /// What was asked for.
        index: usize,
        /// Number of runs.
        runs: usize,
    },
    /// Neither the file nor the command says which program trains.
    #[error("{} must say which program trains: `program = [\"my-program\"]`, or a `table` among its flags", path.display())]
    NoProgram {
        /// The file.
        path: PathBuf,
    },
    /// A run of the directory was begun by other flags.
    #[error("the run {} was begun with `{found}`, not with `{wanted}`; give another `directory`, or remove the run", path.display())]
    OtherFlags {
        /// The directory of the run.
        path: PathBuf,
        /// Its flags.
        found: String,
        /// Those of the file.
        wanted: String,
    },
    /// A program cannot be started.
    #[error("cannot start {program}: {source}")]
    Start {
        /// The program.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// Some runs failed.
    #[error("{failed} of {runs} runs failed; the same command tries them again")]
    Failed {
        /// Number of runs that failed.
        failed: usize,
        /// Number of runs.
        runs: usize,
    },
}

impl SweepError {
    /// Whether the file or the command line is wrong.
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::Start { .. } | Self::Failed { .. })
    }
}

/// A message of several lines as one.
fn in_a_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}
