//! Why a program ends before its report, and its exit status.

use std::fmt::Display;
use std::process::ExitCode;

use paramalloc_data::DataError;

/// Exit status of a run that was interrupted, as shells give it for Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// What ends a program early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The help or the version was asked for.
    Help(String),
    /// The command line is wrong; a sentence.
    Usage(String),
    /// Something else went wrong; a sentence.
    Failure(String),
    /// Ctrl-C or a request to terminate; what was learned is saved.
    Interrupted,
}

impl From<DataError> for Stop {
    fn from(error: DataError) -> Self {
        match error {
            DataError::Setting(sentence) => Self::Usage(sentence),
            other => Self::failure(other),
        }
    }
}

impl Stop {
    /// A failure with the sentence of an error.
    pub fn failure(error: impl Display) -> Self {
        Self::Failure(error.to_string())
    }

    fn exit(self) -> ExitCode {
        match self {
            Self::Help(text) => {
                super::stdio::print(&text);
                ExitCode::SUCCESS
            }
            Self::Usage(sentence) => {
                crate::stdio::say(&format!("error: {sentence}"));
                ExitCode::from(2)
            }
            Self::Failure(sentence) => {
                crate::stdio::say(&format!("error: {sentence}"));
                ExitCode::FAILURE
            }
            Self::Interrupted => ExitCode::from(INTERRUPTED),
        }
    }
}

/// The `main` of an experiment: runs it, says in one sentence what went wrong
/// and gives the exit status.
pub fn main(experiment: impl FnOnce() -> Result<(), Stop>) -> ExitCode {
    match experiment() {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => stop.exit(),
    }
}
