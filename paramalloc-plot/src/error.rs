//! Why a run cannot be shown.

use std::io;
use std::path::PathBuf;

use paramalloc_core::summary::SummaryError;

#[cfg(feature = "compare")]
use crate::compare::Incomparable;
use crate::settings::FORMAT;

/// Why a run cannot be read, compared or drawn. Each sentence names the file
/// or the directory that it is about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The summary or the metrics of a run cannot be read, or a figure cannot
    /// be written.
    #[error(transparent)]
    File(#[from] SummaryError),
    /// The directory for the figures cannot be created.
    #[error("cannot create the directory `{}`: {source}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A figure cannot be drawn.
    #[error("cannot draw `{}`: {source}", path.display())]
    Draw {
        /// The file of the figure.
        path: PathBuf,
        /// What the plotting library said, or that the figure is too large.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The settings of a run cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Settings {
        /// The file of the settings.
        path: PathBuf,
        /// What the system or the JSON parser said.
        source: io::Error,
    },
    /// A newer program wrote the settings of a run.
    #[error(
        "`{}` has format {found}, newer than {FORMAT}, the newest that this program reads; update the program",
        path.display()
    )]
    NewerSettings {
        /// The file of the settings.
        path: PathBuf,
        /// The format that it names.
        found: u64,
    },
    /// A run has not logged anything yet.
    #[error("`{}` has not logged any task step yet; wait, or resume the run", path.display())]
    NotStarted {
        /// Directory of the run.
        path: PathBuf,
    },
    /// There is nothing to compare.
    #[error("no run was given; give the directories of finished runs")]
    NoRuns,
    /// The content of a file is not what the run wrote.
    #[error(
        "the content of `{}` is not what the run wrote, by its checksum in manifest.json; restore the file or leave the run out",
        path.display()
    )]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// An unfinished run has no results that could be compared.
    #[error(
        "`{}` was interrupted at task step {step} of {total_steps}; finish the run or leave it out",
        path.display()
    )]
    Unfinished {
        /// Directory of the run.
        path: PathBuf,
        /// Task steps done.
        step: u64,
        /// Task steps of the whole run.
        total_steps: u64,
    },
    /// Some runs cannot be compared with the first.
    #[cfg(feature = "compare")]
    #[error(
        "cannot compare with `{}`: {}; give runs of one experiment on the same data, split and network",
        first.display(),
        reasons(runs)
    )]
    Incomparable {
        /// Directory of the first run.
        first: PathBuf,
        /// The runs that cannot be compared with it, at least one.
        runs: Vec<Incomparable>,
    },
    /// A run of version 0.1 did not store its network.
    #[error("`{}` does not exist: the run was made by version 0.1, which did not store the network", path.display())]
    NoNetwork {
        /// The file.
        path: PathBuf,
    },
    /// The configuration of a run does not say its tasks.
    #[error("`{}` does not say how many outputs each task has", path.display())]
    NoTasks {
        /// The file.
        path: PathBuf,
    },
    /// The stored network does not work.
    #[error("`{}`: {source}", path.display())]
    Network {
        /// The file.
        path: PathBuf,
        /// What is wrong with the network.
        source: Box<paramalloc_core::error::Error>,
    },
    /// Two runs have the same settings and the same seed.
    #[error(
        "`{}` and `{}` are the same run: seed {seed}; give each seed once",
        first.display(),
        second.display()
    )]
    SameSeed {
        /// Directory of a run.
        first: PathBuf,
        /// Directory of the run that repeats it.
        second: PathBuf,
        /// The seed of both.
        seed: u64,
    },
    /// A run was not evaluated on a split.
    #[error("a run of {group} has no results for `{split}`; {}", choices(splits))]
    NoResults {
        /// Label of the run's group: its method and what else tells it apart.
        group: String,
        /// The split that was asked for.
        split: String,
        /// The splits that the run has.
        splits: Vec<String>,
    },
}

/// The end of a sentence that says which splits there are.
fn choices(splits: &[String]) -> String {
    match splits {
        [] => "it was never evaluated".to_owned(),
        splits => format!("it has `{}`", splits.join("`, `")),
    }
}

/// `` `b` has other data; `c` has other tasks and another network ``.
#[cfg(feature = "compare")]
fn reasons(runs: &[Incomparable]) -> String {
    let of_run = |run: &Incomparable| {
        let mismatches = run.mismatches.iter().map(ToString::to_string);
        let mismatches: Vec<String> = mismatches.collect();
        format!("`{}` has {}", run.path.display(), mismatches.join(" and "))
    };
    let runs: Vec<String> = runs.iter().map(of_run).collect();
    runs.join("; ")
}
