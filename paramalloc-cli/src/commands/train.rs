//! Training on a table, which needs no program of one's own.

use std::ffi::OsString;

use clap::Args;
use paramalloc::Experiment;

use crate::error::Error;
use crate::output;

/// Trains a network on a table: `paramalloc train --help` lists the flags
#[derive(Args, Debug)]
#[command(disable_help_flag = true)]
pub struct Train {
    /// Flags of the training, --table FILE and --targets COLUMNS first
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "FLAGS"
    )]
    flags: Vec<OsString>,
}

impl Train {
    /// Trains.
    ///
    /// # Errors
    /// What is wrong with a flag or the table, or that the run was interrupted.
    pub fn run(self) -> Result<(), Error> {
        let arguments = [OsString::from("paramalloc train")].into_iter();
        let experiment = Experiment::table("table").only_trains();
        match experiment.run_from(arguments.chain(self.flags)) {
            Err(paramalloc::Error::Arguments(asked)) if !asked.use_stderr() => {
                output::print(&asked.render().to_string())
            }
            done => Ok(done.map(drop)?),
        }
    }
}
