//! `paramalloc`: plots, shows, compares, evaluates, prunes, exports and resumes saved
//! runs.
//!
//! Results go to standard output, all else to standard error. The exit status
//! is 0 only if all that was asked was done, 2 for a wrong command line and 1
//! for all else that goes wrong.

mod commands;
mod error;
mod network_plan;
mod output;
mod run_directory;
mod training_settings;

use std::process::ExitCode;

use clap::Parser;
use commands::Command;
use error::Error;

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "paramalloc",
    version,
    about = "Trains on tables, and plots, shows, compares, evaluates, prunes, exports, predicts with, adds tasks to and resumes runs",
    max_term_width = 80,
    after_help = "train trains on a table. Other experiments are trained by their own \
        programs, which also evaluate, prune and resume runs whose data or layers \
        only they know: `my-program --help`."
)]
struct Tool {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let tool = match Tool::try_parse() {
        Ok(tool) => tool,
        Err(other) => return output::usage(&other),
    };
    match tool.command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(Error::Experiment(error)) => paramalloc::exit(&error),
        Err(error) => {
            output::say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}
