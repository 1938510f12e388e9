//! `paramalloc`: plots, shows, compares, evaluates, prunes and resumes saved
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

use std::process::ExitCode;

use clap::Parser;
use commands::Command;
use error::Error;

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "paramalloc",
    version,
    about = "Plots, shows, compares, evaluates, prunes and resumes saved runs of paramalloc experiments",
    max_term_width = 80,
    after_help = "Training is done by the experiment's own program, and so is \
        what needs data or layers that only this knows: `my-program --help`."
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
