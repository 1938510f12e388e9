//! What an experiment is.

mod command_line;
mod table;

pub use command_line::Done;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use clap::Args;
use paramalloc_core::loss::TaskLoss;
use paramalloc_core::metric::Metric;
use paramalloc_core::network::Network;
use paramalloc_core::optim::{Optimizer, Schedule};
use paramalloc_core::penalty::Penalty;
use paramalloc_core::train::Trainer;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::arguments::flags::NoOptions;
use crate::arguments::own_options::OwnOptions;
use crate::commands::train::Finished;
use crate::error::Error;
use crate::session::logger::Logger;
use crate::settings::config::Addition;
use crate::settings::{Batches, Settings, merge};
use crate::subcommand::Subcommand;
use paramalloc_data::DataSource;

/// Chooses the network and the data source by the experiment's own options.
type Choose = dyn Fn(&Map<String, Value>, &Settings) -> Result<Chosen, Error>;

/// What the options of an experiment choose.
struct Chosen {
    network: Network,
    /// Where its tasks come from.
    source: Arc<dyn DataSource>,
    /// What the tasks are judged by, unless the settings say otherwise.
    metric: Option<&'static str>,
    /// What a batch serves, unless the settings say otherwise.
    batches: Batches,
}

/// Gives a trainer what the experiment adds.
type Prepare = dyn Fn(&mut Trainer) -> Result<(), Error>;
/// Makes a logger for the run in a directory.
type MakeLogger = dyn Fn(&Path) -> Result<Box<dyn Logger>, Error>;
/// What follows the report of a finished run.
type Conclude = dyn Fn(&Finished) -> Result<(), Error>;

/// An experiment: a network, where its tasks come from, and its default settings.
///
/// The command line of [`main`](Self::main) trains it, which is the default,
/// resumes, evaluates and prunes its runs, and runs sweeps.
pub struct Experiment {
    name: String,
    about: String,
    defaults: Settings,
    resumes: bool,
    reports_last: bool,
    only_trains: bool,
    /// What the line of usage has after the program, if it is not what clap writes.
    usage: Option<&'static str>,
    without: Vec<String>,
    own: OwnOptions,
    choose: Box<Choose>,
    additions: Vec<Addition>,
    trainers: Vec<Box<Prepare>>,
    loggers: Vec<Box<MakeLogger>>,
    subcommands: Vec<Subcommand>,
    metric: Option<Arc<dyn Metric>>,
    losses: Vec<&'static dyn TaskLoss>,
    conclude: Option<Box<Conclude>>,
}

impl Experiment {
    /// The experiment `name` with the network `network`, which learns the tasks
    /// of `source`. Directories of runs begin with the name, and a run is resumed by
    /// the experiment of its name only.
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
                Ok(Chosen {
                    network: network.clone(),
                    source: source.clone(),
                    metric: None,
                    batches: Batches::Alternating,
                })
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
                Ok(Chosen {
                    network,
                    source: Arc::new(source),
                    metric: None,
                    batches: Batches::Alternating,
                })
            },
        )
    }

    fn choosing(
        name: String,
        own: OwnOptions,
        choose: impl Fn(&Map<String, Value>, &Settings) -> Result<Chosen, Error> + 'static,
    ) -> Self {
        Self {
            name,
            own,
            choose: Box::new(choose),
            about: String::new(),
            defaults: Settings::default(),
            resumes: false,
            reports_last: false,
            only_trains: false,
            usage: None,
            without: Vec::new(),
            additions: Vec::new(),
            trainers: Vec::new(),
            loggers: Vec::new(),
            subcommands: Vec::new(),
            metric: None,
            losses: Vec::new(),
            conclude: None,
        }
    }

    /// What it does, for `--help`.
    #[must_use]
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = about.into();
        self
    }

    /// Its defaults, which a config file and flags override.
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

    /// Its runs report their last parameters where the data have a validation split,
    /// too, unless `--select` or `--patience` asks for the best.
    #[must_use]
    pub fn reports_last(mut self) -> Self {
        self.reports_last = true;
        self
    }

    /// Its command line only trains, as a subcommand of a program that offers the
    /// rest for all runs.
    #[must_use]
    pub fn only_trains(mut self) -> Self {
        self.only_trains = true;
        self
    }

    /// What the line of usage has after the program.
    fn usage(mut self, usage: &'static str) -> Self {
        self.usage = Some(usage);
        self
    }

    /// Shared settings that have no effect on it, `data_dir` for example: their
    /// flags are refused and left out of its help.
    #[must_use]
    pub fn without(mut self, settings: &[&str]) -> Self {
        let settings = settings.iter().map(|&name| name.to_owned());
        self.without.extend(settings);
        self
    }

    /// Trains with an optimizer of its own, which `make` makes for each run, in
    /// place of the one that the settings choose.
    #[must_use]
    pub fn optimizer<P: Optimizer>(self, make: impl Fn() -> P + 'static) -> Self {
        let unused = ["optimizer", "weight_decay", "momentum"];
        self.without(&unused)
            .adding(Addition::Optimizer, move |trainer| {
                Ok(trainer.set_optimizer(Box::new(make()))?)
            })
    }

    /// Trains with a learning-rate schedule of its own, which `make` makes for
    /// each run, in place of the one that the settings choose.
    #[must_use]
    pub fn schedule<P: Schedule + 'static>(self, make: impl Fn() -> P + 'static) -> Self {
        let unused = [
            "schedule",
            "warm_up",
            "schedule_minimum",
            "schedule_at",
            "schedule_factor",
        ];
        self.without(&unused)
            .adding(Addition::Schedule, move |trainer| {
                trainer.set_schedule(Box::new(make()));
                Ok(())
            })
    }

    /// Adds a penalty, which `make` makes for each run.
    #[must_use]
    pub fn penalty<P: Penalty + 'static>(self, make: impl Fn() -> P + 'static) -> Self {
        self.adding(Addition::Penalty, move |trainer| {
            Ok(trainer.add_penalty(Box::new(make()))?)
        })
    }

    /// Judges the tasks by this metric in place of that of the network's loss:
    /// it is what evaluations show and what chooses the best checkpoint.
    #[must_use]
    pub fn metric(mut self, metric: impl Metric + 'static) -> Self {
        self.additions.push(Addition::Metric);
        self.metric = Some(Arc::new(metric));
        self
    }

    /// Says which loss of a user's own is meant by its name in a run's directory.
    /// A task that asks for one itself
    /// ([`Task::loss`](paramalloc_core::data::Task::loss)) needs this, so that its
    /// runs can be evaluated and pruned; one that the network names is known.
    #[must_use]
    pub fn loss(mut self, loss: &'static dyn TaskLoss) -> Self {
        self.losses.push(loss);
        self
    }

    fn adding(
        mut self,
        addition: Addition,
        prepare: impl Fn(&mut Trainer) -> Result<(), Error> + 'static,
    ) -> Self {
        self.additions.push(addition);
        self.trainers.push(Box::new(prepare));
        self
    }

    /// Adds a logger, which `make` makes for the run in a directory.
    #[must_use]
    pub fn logger<L: Logger + 'static>(
        mut self,
        make: impl Fn(&Path) -> Result<L, Error> + 'static,
    ) -> Self {
        self.additions.push(Addition::Logger);
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

    /// Calls `conclude` after the report of a run that has finished.
    #[must_use]
    pub fn conclude(mut self, conclude: impl Fn(&Finished) -> Result<(), Error> + 'static) -> Self {
        self.conclude = Some(Box::new(conclude));
        self
    }
}

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
