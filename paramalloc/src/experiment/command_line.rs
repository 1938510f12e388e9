//! The command line of an experiment, and what is done for it.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::{Chosen, Experiment};
use crate::arguments::command_line::{About, for_resume, with_training_flags};
use crate::arguments::flags::NewRunFlags;
use crate::arguments::given::Given;
use crate::commands::eval::{EvalArgs, Known, eval};
use crate::commands::predict::PredictArgs;
use crate::commands::prune::{PruneArgs, prune};
use crate::commands::resume::ResumeFlags;
use crate::commands::start::Start;
use crate::commands::train::{Finished, train};
use crate::error::Error;
use crate::program;
use crate::record::run_record::RunRecord;
use crate::settings::{Settings, merge};
use crate::subcommand::Subcommand;
use crate::subject::Subject;
use crate::sweep::SweepArgs;
use crate::task_metrics::TaskMetrics;

const EVAL: &str = "Evaluate the checkpoints of a run as they appear, on all splits";
const PREDICT: &str = "Predict a table, images or arrays with trained runs; several are averaged";
const PRUNE: &str = "Write the network of one task of a run: only what the task uses";

/// What a command line asked for and was done.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Done {
    /// A run was trained, or had finished earlier.
    Trained(Box<Finished>),
    /// The checkpoints of a run were evaluated.
    Evaluated,
    /// The network of one task was written.
    Pruned,
    /// All runs of a sweep have finished.
    Swept,
    /// Predictions were written.
    Predicted,
    /// A subcommand of the experiment's own ran.
    Subcommand,
}

fn trained(finished: Finished) -> Done {
    Done::Trained(Box::new(finished))
}

/// How the program is called, by its name in a command line.
fn usages(training: &str, arguments: &[OsString], only_trains: bool) -> String {
    let program = arguments.first().map(Path::new);
    let program = program.and_then(Path::file_name).unwrap_or_default();
    let program = program.to_string_lossy();
    match only_trains {
        true => format!("{program} {training}"),
        false => format!("{program} {training}\n       {program} <COMMAND>"),
    }
}

impl Experiment {
    /// The `main` of the program: does what the command line asks for, says in
    /// one sentence what went wrong and gives the exit status.
    pub fn main(self) -> ExitCode {
        program::main(|| self.run_from(std::env::args_os()).map(drop))
    }

    /// Does what a command line asks for, which begins with the name of the
    /// program.
    ///
    /// # Errors
    /// What is wrong, or that a run was interrupted. [`Error::Arguments`] may
    /// be the help that was asked for.
    pub fn run_from<T: Into<OsString> + Clone>(
        &self,
        arguments: impl IntoIterator<Item = T>,
    ) -> Result<Done, Error> {
        let mut defaults = self.defaults.clone();
        defaults.options = self.own.defaults()?;
        let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
        let mut command = self.command(&defaults);
        if let Some(usage) = self.usage {
            command = command.override_usage(usages(usage, &arguments, self.only_trains));
        }
        let matches = command.try_get_matches_from(arguments);
        let matches = matches.map_err(Error::Arguments)?;
        match matches.subcommand() {
            None => self.train(&matches, &defaults).map(trained),
            Some(("train", matches)) => self.train(matches, &defaults).map(trained),
            Some(("resume", matches)) => self.resume(matches).map(trained),
            Some(("eval", matches)) => {
                let args = EvalArgs::from_arg_matches(matches).map_err(Error::Arguments)?;
                eval(args, |run| self.known(run)).map(|()| Done::Evaluated)
            }
            Some(("prune", matches)) => {
                let args = PruneArgs::from_arg_matches(matches).map_err(Error::Arguments)?;
                let network = |run: &mut RunRecord| Ok(self.known(run)?.network);
                prune(&args, network).map(|()| Done::Pruned)
            }
            Some(("sweep", matches)) => {
                let args = SweepArgs::from_arg_matches(matches).map_err(Error::Arguments)?;
                args.run_by_this_program(&[]).map(|()| Done::Swept)
            }
            Some(("predict", matches)) => {
                let args = PredictArgs::from_arg_matches(matches).map_err(Error::Arguments)?;
                let network = |run: &mut RunRecord| Ok(self.known(run)?.network);
                args.run_by(&network).map(|()| Done::Predicted)
            }
            Some((name, matches)) => {
                let mut own = self.subcommands.iter();
                if let Some(own) = own.find(|own| own.name == name) {
                    own.run(matches)?;
                }
                Ok(Done::Subcommand)
            }
        }
    }

    fn command(&self, defaults: &Settings) -> Command {
        let about = About {
            without: &self.without,
            own: &self.own,
        };
        let default_of = |flag: &str| merge::default_of(defaults, flag);
        let training = |command| with_training_flags(command, &about, default_of);
        let named = |name: &'static str, about: &'static str| Command::new(name).about(about);
        let resume = ResumeFlags::augment_args(Command::new("resume"));
        let resume = for_resume(self.own.augment(resume));
        let own = self.subcommands.iter().map(Subcommand::command);
        let command = training(Command::new(self.name.clone()))
            .about(self.about.clone())
            .version(env!("CARGO_PKG_VERSION"))
            .max_term_width(100);
        if self.only_trains {
            return command;
        }
        command
            .args_conflicts_with_subcommands(true)
            .subcommand(training(Command::new("train")).about("Train, which is the default"))
            .subcommand(resume.about("Resume a run that was stopped"))
            .subcommand(EvalArgs::augment_args(named("eval", "")).about(EVAL))
            .subcommand(PredictArgs::augment_args(named("predict", "")).about(PREDICT))
            .subcommand(PruneArgs::augment_args(named("prune", "")).about(PRUNE))
            .subcommand(SweepArgs::augment_args(Command::new("sweep")))
            .subcommands(own)
    }

    /// What was typed, if it is something that the experiment has a use for.
    fn given(&self, matches: &ArgMatches) -> Result<Given, Error> {
        let given = Given::of_matches(matches, &self.own)?;
        match self.without.iter().find(|name| given.names.contains(*name)) {
            Some(unused) => Err(Error::UselessFlag {
                flag: unused.replace('_', "-"),
                experiment: self.name.clone(),
            }),
            None => Ok(given),
        }
    }

    fn train(&self, matches: &ArgMatches, defaults: &Settings) -> Result<Finished, Error> {
        let given = self.given(matches)?;
        let flags = NewRunFlags::from_arg_matches(matches).map_err(Error::Arguments)?;
        let experiment = (self.name.as_str(), defaults, self.resumes);
        let quiet = given.quiet;
        self.run(Start::begin(experiment, given, flags.logdir)?, quiet)
    }

    fn resume(&self, matches: &ArgMatches) -> Result<Finished, Error> {
        let given = self.given(matches)?;
        let flags = ResumeFlags::from_arg_matches(matches).map_err(Error::Arguments)?;
        let run = RunRecord::read(&flags.run)?;
        self.check_own(&run)?;
        let quiet = given.quiet;
        self.run(Start::resume(run, given)?, quiet)
    }

    fn run(&self, mut start: Start, quiet: bool) -> Result<Finished, Error> {
        let Chosen {
            network,
            source,
            metric,
            batches,
        } = (self.choose)(&start.settings.options, &start.settings)?;
        if self.metric.is_none() && start.settings.metric.is_none() {
            start.settings.metric = metric.map(str::to_owned);
        }
        start.settings.batches.get_or_insert(batches);
        let subject = Subject {
            experiment: &self.name,
            network: &network,
            source: &*source,
            additions: &self.additions,
            normalization: None,
            metric: self.metric.clone(),
            reports_last: self.reports_last,
            prepare: &|trainer| {
                self.trainers
                    .iter()
                    .try_for_each(|prepare| prepare(trainer))
            },
            loggers: &|run| self.loggers.iter().map(|make| make(run)).collect(),
        };
        let finished = train(&subject, &start, quiet)?;
        if let Some(conclude) = &self.conclude {
            conclude(&finished)?;
        }
        Ok(finished)
    }

    /// What a run of this experiment is evaluated with.
    fn known(&self, run: &mut RunRecord) -> Result<Known, Error> {
        self.check_own(run)?;
        for task in &mut run.config.tasks {
            task.bind_loss(&self.losses);
        }
        let settings = &run.config.settings;
        let Chosen {
            network, source, ..
        } = (self.choose)(&settings.options, settings)?;
        Ok(Known {
            metrics: TaskMetrics::new(self.metric.as_ref(), &network, run.heads(), settings)?,
            network,
            source,
        })
    }

    fn check_own(&self, run: &RunRecord) -> Result<(), Error> {
        match run.config.experiment == self.name {
            true => Ok(()),
            false => Err(Error::OtherExperiment {
                path: run.path.clone(),
                found: run.config.experiment.clone(),
                expected: self.name.clone(),
            }),
        }
    }
}
