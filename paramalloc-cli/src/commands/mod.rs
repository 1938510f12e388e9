//! The subcommands, a file each: a struct of its arguments and a `run`.

mod compare;
mod plot;
mod show;

use clap::Subcommand;

use crate::error::Error;

/// What to do. A new subcommand is a variant here and a file.
#[derive(Debug, Subcommand)]
pub enum Command {
    Plot(plot::Plot),
    Show(show::Show),
    Compare(compare::Compare),
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// If anything that was asked was not done.
    pub fn run(self) -> Result<(), Error> {
        match self {
            Self::Plot(command) => command.run(),
            Self::Show(command) => command.run(),
            Self::Compare(command) => command.run(),
        }
    }
}
