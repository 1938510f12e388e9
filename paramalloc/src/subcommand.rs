//! Subcommands that an experiment adds.

use clap::{ArgMatches, Args, Command};

use crate::error::Error;

/// Runs a subcommand with its arguments.
type Run = dyn Fn(&ArgMatches) -> Result<(), Error>;

/// A subcommand that an experiment adds.
pub struct Subcommand {
    /// Its name.
    pub name: &'static str,
    about: &'static str,
    augment: fn(Command) -> Command,
    run: Box<Run>,
}

impl Subcommand {
    /// The subcommand `name`, whose command line is the clap struct `A`.
    pub fn new<A: Args>(
        name: &'static str,
        about: &'static str,
        run: impl Fn(A) -> Result<(), Error> + 'static,
    ) -> Self {
        Self {
            name,
            about,
            augment: A::augment_args,
            run: Box::new(move |matches| {
                run(A::from_arg_matches(matches).map_err(Error::Arguments)?)
            }),
        }
    }

    /// Its command line.
    pub fn command(&self) -> Command {
        (self.augment)(Command::new(self.name)).about(self.about)
    }

    /// Runs it.
    ///
    /// # Errors
    /// What it says.
    pub fn run(&self, matches: &ArgMatches) -> Result<(), Error> {
        (self.run)(matches)
    }
}
