//! The outermost layer of a program: what it says of an error, and its exit
//! status.

use std::process::ExitCode;

use paramalloc_core::text::escaped;

use crate::error::Error;
use crate::stdio::{print, say};

/// Exit status of a run that was interrupted, as shells give it for Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// The `main` of a program: runs it, says in one sentence what went wrong and
/// gives the exit status: 0 after all that was asked for, 130 after an
/// interruption, 2 for a wrong command line or setting, 1 for all else.
pub fn main(program: impl FnOnce() -> Result<(), Error>) -> ExitCode {
    let done = program().or_else(|error| match error {
        Error::Arguments(asked) if !asked.use_stderr() => print(&asked.render().to_string()),
        error => Err(error),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit(&error),
    }
}

/// Says in one sentence what went wrong; gives the exit status for it.
pub fn exit(error: &Error) -> ExitCode {
    // What an interrupted run has to say, it has said.
    if !matches!(error, Error::Interrupted) {
        say(&format!("error: {}", escaped(&error.to_string())));
    }
    ExitCode::from(status(error))
}

fn status(error: &Error) -> u8 {
    match error {
        Error::Interrupted => INTERRUPTED,
        Error::Arguments(_)
        | Error::UselessFlag { .. }
        | Error::Setting { .. }
        | Error::UselessBudget { .. }
        | Error::Choice(_)
        | Error::Images(_)
        | Error::Settings(_)
        | Error::ConfigFile { .. }
        | Error::ConfigOfOther { .. }
        | Error::Options(_)
        | Error::Refused(_)
        | Error::Weights(_)
        | Error::NoTask { .. } => 2,
        Error::Data(error) if error.is_usage() => 2,
        Error::Sweep(error) if error.is_usage() => 2,
        _ => 1,
    }
}
