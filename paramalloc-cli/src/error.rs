//! Why a command failed.

use std::io;
use std::path::PathBuf;

/// Why a command failed, in one sentence.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A run cannot be read, compared or drawn.
    #[error(transparent)]
    Run(#[from] paramalloc_plot::Error),
    /// A run cannot be evaluated, pruned or resumed.
    #[error(transparent)]
    Experiment(#[from] paramalloc::Error),
    /// A run cannot be exported.
    #[error(transparent)]
    Export(paramalloc_export::Error),
    /// The results could not be written.
    #[error("cannot write to standard output: {0}")]
    Output(#[source] io::Error),
    /// Some of several runs failed; what each one lacks was said before.
    #[error("{failed} of {all} runs could not be plotted")]
    Some {
        /// Runs that failed.
        failed: usize,
        /// Runs that were given.
        all: usize,
    },
    /// Two runs would be plotted into one directory.
    #[error(
        "the plots of `{}` and `{}` would both go to `{}`; plot them one by one, or without --out",
        first.display(),
        second.display(),
        out.display()
    )]
    SamePlots {
        /// Directory of a run.
        first: PathBuf,
        /// Directory of a run of the same name.
        second: PathBuf,
        /// Where the plots of both would go.
        out: PathBuf,
    },
    /// A figure was asked for that these runs do not have.
    #[error("--out is for the figure of runs of `synthetic`; other runs have a table only")]
    NoFigure,
    /// A file of a run directory cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// What the system or the JSON parser said.
        source: io::Error,
    },
    /// A newer program wrote a file.
    #[error(
        "`{}` has format {found}, newer than {supported}, the newest that this program reads; update the program",
        path.display()
    )]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// The format that it names.
        found: u64,
        /// The newest format that this program reads.
        supported: u32,
    },
    /// The stored network and the allocation do not fit.
    #[error("`{}` is not the network of the run's summary.json", path.display())]
    OtherNetwork {
        /// The file.
        path: PathBuf,
    },
    /// A run has no confusion matrices.
    #[error(
        "`{}` has no confusion.json, which a run whose tasks have classes or labels writes at its end",
        path.display()
    )]
    NoConfusion {
        /// Directory of the run.
        path: PathBuf,
    },
    /// Files of a run are damaged; the list of files says which.
    #[error(
        "{damaged} of the files of `{}` {} damaged or missing",
        path.display(),
        if *damaged == 1 { "is" } else { "are" }
    )]
    Damaged {
        /// Directory of the run.
        path: PathBuf,
        /// How many files are damaged.
        damaged: usize,
    },
}

impl From<paramalloc_export::Error> for Error {
    fn from(error: paramalloc_export::Error) -> Self {
        match error {
            // Its exit status is that of other commands.
            paramalloc_export::Error::Run(error) => Self::Experiment(error),
            error => Self::Export(error),
        }
    }
}
