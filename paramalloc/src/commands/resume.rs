//! Resumes a run that was stopped.

use std::path::PathBuf;

use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::start::Start;
use super::stored;
use super::train::{Finished, train};
use crate::arguments::command_line::for_resume;
use crate::arguments::flags::{CommonFlags, Flags};
use crate::arguments::given::Given;
use crate::error::Error;
use crate::record::run_record::RunRecord;
use crate::subject::Subject;

/// The run, and the flags of all settings.
#[derive(Args, Clone, Debug)]
pub struct ResumeFlags {
    /// Directory of the run
    pub run: PathBuf,

    #[command(flatten)]
    flags: Flags,

    #[command(flatten)]
    common: CommonFlags,
}

/// Resume a run that was stopped
#[derive(Clone, Debug)]
pub struct ResumeArgs {
    run: PathBuf,
    given: Given,
}

impl Args for ResumeArgs {
    fn augment_args(command: Command) -> Command {
        for_resume(ResumeFlags::augment_args(command))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ResumeArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let ResumeFlags { run, flags, common } = ResumeFlags::from_arg_matches(matches)?;
        Ok(Self {
            run,
            given: Given::of_flags(flags, common),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl ResumeArgs {
    /// Resumes the run, with what its directory says alone.
    ///
    /// # Errors
    /// If the run cannot be used, its network or its data source is not known
    /// to this program, or it was interrupted.
    pub fn run(self) -> Result<Finished, Error> {
        let run = RunRecord::read(&self.run)?;
        let network = stored::network(&run, "resume")?;
        let source = stored::source(&run, "resume")?;
        if !run.config.additions.is_empty() {
            return Err(Error::OwnAdditions {
                path: run.path,
                what: "an optimizer, a schedule, a penalty, a metric or a logger",
                program: run.config.program,
                command: "resume",
            });
        }
        let experiment = run.config.experiment.clone();
        let subject = Subject {
            experiment: &experiment,
            network: &network,
            source: &*source,
            additions: &[],
            metric: None,
            prepare: &|_| Ok(()),
            loggers: &|_| Ok(Vec::new()),
        };
        let quiet = self.given.quiet;
        train(&subject, &Start::resume(run, self.given)?, quiet)
    }
}
