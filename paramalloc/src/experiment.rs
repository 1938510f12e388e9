//! What an experiment is, and its command line.

use std::ffi::OsString;
use std::fmt;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{ArgMatches, Args, Command, FromArgMatches};
use paramalloc_core::network::Network;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::arguments::command_line::{About, for_resume, with_training_flags};
use crate::arguments::flags::{NewRunFlags, NoOptions};
use crate::arguments::given::Given;
use crate::arguments::own_options::OwnOptions;
use crate::commands::eval::{EvalArgs, Known, eval};
use crate::commands::prune::{PruneArgs, prune};
use crate::commands::resume::ResumeFlags;
use crate::commands::start::Start;
use crate::commands::train::{Finished, train};
use crate::error::Error;
use crate::program;
use crate::record::run_record::RunRecord;
use crate::session::logger::Logger;
use crate::settings::{Settings, merge};
use crate::subcommand::Subcommand;
use crate::subject::Subject;
use paramalloc_data::DataSource;

/// Chooses the network and the data source by the experiment's own options.
type Choose = dyn Fn(&Map<String, Value>, &Settings) -> Result<Known, Error>;
/// Makes a logger for the run in a directory.
type MakeLogger = dyn Fn(&Path) -> Result<Box<dyn Logger>, Error>;
/// What follows the report of a finished run.
type Conclude = dyn Fn(&Finished) -> Result<(), Error>;

/// An experiment: a network, where its tasks come from, and the settings that
/// neither a config file nor a flag gives.
///
/// [`main`](Self::main) offers what is done with it: it is trained, which is
/// the default, and its runs are resumed, evaluated and pruned.
pub struct Experiment {
    name: String,
    about: String,
    defaults: Settings,
    resumes: bool,
    without: Vec<String>,
    own: OwnOptions,
    choose: Box<Choose>,
    loggers: Vec<Box<MakeLogger>>,
    subcommands: Vec<Subcommand>,
    conclude: Option<Box<Conclude>>,
}

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
    /// A subcommand of the experiment's own ran.
    Subcommand,
}

impl Experiment {
    /// The experiment `name` with the network `network`, which learns the tasks
    /// of `source`.
    pub fn new(
        name: impl Into<String>,
        network: Network,
        source: impl DataSource + 'static,
    ) -> Self {
        let source: Arc<dyn DataSource> = Arc::new(source);
        Self::choosing(
            name.into(),
            OwnOptions::of::<NoOptions>(),
            move |options, _| {
                merge::typed::<NoOptions>(&Value::Object(options.clone()))
                    .map_err(Error::Options)?;
                Ok((network.clone(), source.clone()))
            },
        )
    }

    /// An experiment with options of its own, the fields of `O`, each with a
    /// default for clap. `choose` gives the network and the data source for
    /// them and for the shared settings; it refuses what does not fit together
    /// by [`Error::refused`].
    pub fn with_options<O, S>(
        name: impl Into<String>,
        choose: impl Fn(&O, &Settings) -> Result<(Network, S), Error> + 'static,
    ) -> Self
    where
        O: Args + Serialize + DeserializeOwned,
        S: DataSource + 'static,
    {
        Self::choosing(
            name.into(),
            OwnOptions::of::<O>(),
            move |options, settings| {
                let options = merge::typed(&Value::Object(options.clone()));
                let (network, source) = choose(&options.map_err(Error::Options)?, settings)?;
                Ok((network, Arc::new(source)))
            },
        )
    }

    fn choosing(
        name: String,
        own: OwnOptions,
        choose: impl Fn(&Map<String, Value>, &Settings) -> Result<Known, Error> + 'static,
    ) -> Self {
        Self {
            name,
            own,
            choose: Box::new(choose),
            about: String::new(),
            defaults: Settings::default(),
            resumes: false,
            without: Vec::new(),
            loggers: Vec::new(),
            subcommands: Vec::new(),
            conclude: None,
        }
    }

    /// What it does, for `--help`.
    #[must_use]
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = about.into();
        self
    }

    /// Settings that neither a config file nor a flag gives.
    #[must_use]
    pub fn defaults(mut self, defaults: Settings) -> Self {
        self.defaults = defaults;
        self
    }

    /// The same command resumes a run that was stopped: with `--logdir` the one
    /// in that directory, else the one of its name under `runs/`.
    #[must_use]
    pub fn resumes(mut self) -> Self {
        self.resumes = true;
        self
    }

    /// Shared settings that it has no use for, `data_dir` for example: their
    /// flags are refused and not in its help.
    #[must_use]
    pub fn without(mut self, settings: &[&str]) -> Self {
        let settings = settings.iter().map(|&name| name.to_owned());
        self.without.extend(settings);
        self
    }

    /// Adds a logger, which `make` makes for the run in a directory.
    #[must_use]
    pub fn logger<L: Logger + 'static>(
        mut self,
        make: impl Fn(&Path) -> Result<L, Error> + 'static,
    ) -> Self {
        self.loggers.push(Box::new(move |run| {
            let logger: Box<dyn Logger> = Box::new(make(run)?);
            Ok(logger)
        }));
        self
    }

    /// Adds the subcommand `name`, whose command line is the clap struct `A`.
    #[must_use]
    pub fn subcommand<A: Args>(
        mut self,
        name: &'static str,
        about: &'static str,
        run: impl Fn(A) -> Result<(), Error> + 'static,
    ) -> Self {
        self.subcommands.push(Subcommand::new(name, about, run));
        self
    }

    /// What follows the report of a finished run.
    #[must_use]
    pub fn conclude(mut self, conclude: impl Fn(&Finished) -> Result<(), Error> + 'static) -> Self {
        self.conclude = Some(Box::new(conclude));
        self
    }

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
        let matches = self.command(&defaults).try_get_matches_from(arguments);
        let matches = matches.map_err(Error::Arguments)?;
        match matches.subcommand() {
            None | Some(("train", _)) => {
                let matches = matches.subcommand_matches("train").unwrap_or(&matches);
                self.train(matches, &defaults)
                    .map(|finished| Done::Trained(Box::new(finished)))
            }
            Some(("resume", matches)) => self
                .resume(matches)
                .map(|finished| Done::Trained(Box::new(finished))),
            Some(("eval", matches)) => {
                let args = EvalArgs::from_arg_matches(matches).map_err(Error::Arguments)?;
                eval(args, |run| self.known(run)).map(|()| Done::Evaluated)
            }
            Some(("prune", matches)) => {
                let args = PruneArgs::from_arg_matches(matches).map_err(Error::Arguments)?;
                let network = |run: &RunRecord| Ok(self.known(run)?.0);
                prune(&args, network).map(|()| Done::Pruned)
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
        training(Command::new(self.name.clone()))
            .about(self.about.clone())
            .version(env!("CARGO_PKG_VERSION"))
            .args_conflicts_with_subcommands(true)
            .subcommand(training(Command::new("train")).about("Train, which is the default"))
            .subcommand(resume.about("Resume a run that was stopped"))
            .subcommand(EvalArgs::augment_args(named("eval", "")).about(EVAL))
            .subcommand(PruneArgs::augment_args(named("prune", "")).about(PRUNE))
            .subcommands(own)
            .max_term_width(100)
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

    fn run(&self, start: Start, quiet: bool) -> Result<Finished, Error> {
        let (network, source) = (self.choose)(&start.settings.options, &start.settings)?;
        let subject = Subject {
            experiment: &self.name,
            network: &network,
            source: &*source,
            loggers: &|run| self.loggers.iter().map(|make| make(run)).collect(),
        };
        let finished = train(&subject, &start, quiet)?;
        if let Some(conclude) = &self.conclude {
            conclude(&finished)?;
        }
        Ok(finished)
    }

    /// The network and the data source of a run of this experiment.
    fn known(&self, run: &RunRecord) -> Result<Known, Error> {
        self.check_own(run)?;
        let settings = &run.config.settings;
        (self.choose)(&settings.options, settings)
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

const EVAL: &str = "Evaluate the checkpoints of a run as they appear, on all splits";
const PRUNE: &str = "Write the network of one task of a run: only what the task uses";

impl fmt::Debug for Experiment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Experiment")
            .field("name", &self.name)
            .field("about", &self.about)
            .field("defaults", &self.defaults)
            .field("resumes", &self.resumes)
            .field("without", &self.without)
            .finish_non_exhaustive()
    }
}
