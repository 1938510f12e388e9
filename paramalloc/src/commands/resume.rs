//! Resumes a run that was stopped.

use std::path::PathBuf;

use clap::Args;

use super::start::Start;
use super::stored;
use super::train::{Finished, train};
use crate::arguments::command_line::of_resume;
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
#[derive(Args, Clone, Debug)]
#[command(allow_negative_numbers = true, mut_args(of_resume))]
pub struct ResumeArgs {
    #[command(flatten)]
    flags: ResumeFlags,
}

impl ResumeArgs {
    /// Resumes the run, with what its directory says alone.
    ///
    /// # Errors
    /// If the run cannot be used, its network or its data source is not known
    /// to this program, or it was interrupted.
    pub fn run(self) -> Result<Finished, Error> {
        let ResumeFlags { run, flags, common } = self.flags;
        let given = Given::of_flags(flags, common);
        let run = RunRecord::read(&run)?;
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
            normalization: None,
            metric: None,
            reports_last: false,
            prepare: &|_| Ok(()),
            loggers: &|_| Ok(Vec::new()),
        };
        let quiet = given.quiet;
        train(&subject, &Start::resume(run, given)?, quiet)
    }
}
