//! Everything around the training loop that makes an experiment a screen or
//! two: command line, settings, run folder, display, report.
//!
//! An experiment is a network, its tasks and its defaults:
//!
//! ```no_run
//! # use experiments::{data::mnist_tasks, run::{self, Experiment, Settings}};
//! # use paramalloc_core::network::Multitask;
//! # fn main_of<MnistNet: Multitask>() -> std::process::ExitCode {
//! run::main(|| {
//!     let experiment = Experiment {
//!         name: "mnist",
//!         about: "Learns four digit tasks",
//!         defaults: Settings::default(),
//!     };
//!     run::experiment::<MnistNet>(&experiment, mnist_tasks)
//! })
//! # }
//! ```
//!
//! One with options of its own, say by which to choose among networks, makes a
//! [`Setup`] first and calls [`Setup::train`].
//!
//! Results go to standard output, all else to standard error.
//!
//! # The folder of a run
//!
//! A fresh one under `runs/`, or the one that `--logdir` names. A folder that
//! holds a run is refused; two runs never share one.
//!
//! | file | what it holds |
//! |---|---|
//! | `config.json` | all settings as resolved ([`Settings`]), experiment, version, data with checksums |
//! | `metrics.jsonl` | a line per [`Metric`](paramalloc_core::summary::Metric): losses, entropy, temperature and connection probabilities every `--log-every` rounds, results every `--eval-every` |
//! | `parameters.safetensors` | the trained parameters by path, `conv1.0.0.weight` and `conv1.router.logits` for example |
//! | `summary.json` | the outcome, a [`Summary`](paramalloc_core::summary::Summary) |
//!
//! The last two are written at the end, also of a run that Ctrl-C or a loss
//! that is not finite ends early; the summary has `finished: false` then. No
//! file depends on the clock or the number of threads, but for the number of
//! threads in `config.json`.
//!
//! # The config file
//!
//! `--config` takes a TOML file with any of the [`Settings`] by name, or the
//! `config.json` of a run, which repeats that run. Flags come before it.
//!
//! ```toml
//! seed = 3
//! epochs = 5
//!
//! [penalties]
//! budget = 0.75
//! budget_penalty = 1.0
//!
//! [router.fields.conv1]
//! probs_init = 0.9
//! ```
//!
//! The own options of an experiment are in the table `[options]`.
//!
//! # Exit status
//!
//! 0 after a whole run, 130 after an interrupted one, 2 for a wrong command
//! line or setting, 1 for all else that goes wrong.

mod check;
pub mod columns;
pub mod config;
mod display;
pub mod folder;
mod interrupt;
mod matrix;
mod merge;
mod metrics;
mod outcome;
mod progress;
mod report;
mod session;
mod stop;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use paramalloc_core::data::Task;
use paramalloc_core::network::Multitask;
use paramalloc_core::summary::{DataIdentity, Summary};
use paramalloc_core::train::Trainer;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cli::{self, Given, NoOptions};
use crate::data::{DataError, DataOptions};
use config::{Origin, Record, Resolved};
use folder::RunFolder;
use merge::Merged;
use metrics::MetricsLog;
use progress::{Pace, Progress};
use session::{End, Session};

pub use config::Settings;
pub use report::print;
pub use stop::{INTERRUPTED, Stop, main};

/// An interrupted run is evaluated once more if that takes no longer.
const QUICK: Duration = Duration::from_secs(10);

/// What is special about an experiment, but for its network and tasks.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// Name of the program and of its runs.
    pub name: &'static str,
    /// What it does, for `--help`.
    pub about: &'static str,
    /// Settings that neither a config file nor a flag gives.
    pub defaults: Settings,
}

/// Tasks and what they are made from.
pub type Loaded = (Vec<Task>, DataIdentity);

/// Runs an experiment as the command line says. `load` makes the tasks and
/// has lines for the user.
///
/// # Errors
/// What is wrong in one sentence, or that the run was interrupted.
pub fn experiment<N: Multitask>(
    experiment: &Experiment,
    load: impl FnOnce(&DataOptions, &mut dyn FnMut(&str)) -> Result<Loaded, DataError>,
) -> Result<(), Stop> {
    let setup = Setup::<NoOptions>::new(experiment)?;
    setup.train::<N>(load).map(drop)
}

/// An experiment with its settings, before its tasks are made: the place to
/// choose a network by the experiment's own options.
pub struct Setup<O> {
    /// The experiment's own options.
    pub options: O,
    experiment: Experiment,
    given: Given,
    merged: Merged,
}

/// A run that came to its end.
pub struct Finished {
    /// Its outcome.
    pub summary: Summary,
    /// Its folder.
    pub folder: PathBuf,
}

impl<O: Args + Serialize + DeserializeOwned> Setup<O> {
    /// Reads the command line and the config file.
    ///
    /// # Errors
    /// What is wrong in one sentence.
    pub fn new(experiment: &Experiment) -> Result<Self, Stop> {
        let mut experiment = experiment.clone();
        let defaults = &mut experiment.defaults;
        defaults.options = cli::default_options::<O>()?;
        let given = cli::parse::<O>(
            experiment.name,
            experiment.about,
            |flag| merge::default_of(defaults, flag),
            std::env::args_os(),
        )?;
        let config = given.flags.output.config.as_deref();
        let merged = merge::merge(defaults, config, &given.flags)?;
        check_origin(&merged.origin, experiment.name)?;
        Ok(Self {
            options: merge::options(&merged.settings)?,
            experiment,
            given,
            merged,
        })
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.merged.settings
    }

    /// Trains network `N`; see [`experiment`].
    ///
    /// # Errors
    /// What is wrong in one sentence, or that the run was interrupted.
    pub fn train<N: Multitask>(
        &self,
        load: impl FnOnce(&DataOptions, &mut dyn FnMut(&str)) -> Result<Loaded, DataError>,
    ) -> Result<Finished, Stop> {
        train::<N>(&self.experiment, &self.given, &self.merged, load)
    }
}

fn train<N: Multitask>(
    experiment: &Experiment,
    given: &Given,
    Merged { settings, origin }: &Merged,
    load: impl FnOnce(&DataOptions, &mut dyn FnMut(&str)) -> Result<Loaded, DataError>,
) -> Result<Finished, Stop> {
    let output = &given.flags.output;
    check::check::<N>(settings, &given.names)?;
    if let Some(path) = &output.logdir {
        folder::check_free(path)?;
    }
    interrupt::listen()?;
    let mut display = display::choose(output.quiet);
    let loaded = load(&settings.data_options(), &mut |line| display.tell(line));
    let (tasks, data) = loaded.map_err(Stop::failure)?;
    check_tasks(&tasks)?;
    if origin
        .data_identity
        .as_ref()
        .is_some_and(|held| *held != data)
    {
        display.tell("The data are not those of the run that the config file is of.");
    }
    let resolved = settings.resolve(&tasks);
    let outputs: Vec<usize> = tasks.iter().map(|t| t.outputs).collect();
    let trainer = Trainer::new::<N>(&resolved.train(), &outputs, resolved.threads);
    let mut trainer = trainer.map_err(Stop::failure)?;
    if interrupt::asked() {
        display.tell("Interrupted before the first step: nothing was written.");
        return Err(Stop::Interrupted);
    }
    let (folder, metrics) = match &output.logdir {
        Some(path) => RunFolder::claim(path)?,
        None => RunFolder::fresh(&run_name(experiment.name, settings))?,
    };
    let record = Record {
        experiment: experiment.name,
        version: env!("CARGO_PKG_VERSION"),
        data_identity: &data,
        settings: &resolved.settings,
    };
    folder.write_json(folder::CONFIG, &record)?;
    let schedule = resolved.schedule();
    let progress = Progress {
        experiment: experiment.name,
        settings: &resolved.settings,
        recent_loss: vec![None; tasks.len()],
        tasks: &tasks,
        data: &data,
        trainer: &mut trainer,
        last_evaluation: None,
        pace: Pace::start(schedule.evaluations_left(0)),
    };
    display.tell(&heading(&progress, &resolved, &folder));
    let log = MetricsLog::new(&folder.path.join(folder::METRICS), metrics);
    run(Session::new(progress, schedule, log, display), &folder)
}

/// Trains, saves and reports.
fn run(mut session: Session<'_>, folder: &RunFolder) -> Result<Finished, Stop> {
    let trained = session.train();
    let stopped = trained.and_then(|end| match end {
        End::Finished => Ok(end),
        End::Interrupted => wind_up(&mut session, folder).map(|()| end),
    });
    session.close();
    let end = match stopped {
        Ok(end) => end,
        Err(stop) => {
            // Best effort: what went wrong first is to be told.
            let _ = session.log_rest();
            let _ = outcome::save(&session.progress, folder);
            return Err(stop);
        }
    };
    let summary = outcome::save(&session.progress, folder)?;
    let pace = &session.progress.pace;
    let took = (pace.elapsed(), pace.per_second(summary.global_step));
    print(&report::text(&summary, &folder.path, took));
    match end {
        End::Finished => Ok(Finished {
            summary,
            folder: folder.path.clone(),
        }),
        End::Interrupted => Err(Stop::Interrupted),
    }
}

/// Saves an interrupted run, then evaluates it if that is quick.
fn wind_up(session: &mut Session<'_>, folder: &RunFolder) -> Result<(), Stop> {
    session.tell("Interrupted: saving what was learned; once more to exit at once.");
    session.log_rest()?;
    outcome::save(&session.progress, folder)?;
    if session.progress.pace.last_evaluation <= QUICK {
        session.evaluate()?;
    }
    Ok(())
}

/// A config file of another experiment is a mistake.
fn check_origin(origin: &Origin, name: &str) -> Result<(), Stop> {
    match &origin.experiment {
        Some(other) if other != name => Err(Stop::Usage(format!(
            "the config file is of the experiment `{other}`, but this is `{name}`"
        ))),
        _ => Ok(()),
    }
}

/// What training takes for granted about tasks.
fn check_tasks(tasks: &[Task]) -> Result<(), Stop> {
    let splits = |task: &Task| -> Vec<String> {
        task.evaluation
            .iter()
            .map(|(split, _)| split.clone())
            .collect()
    };
    for task in tasks {
        let sets = task
            .evaluation
            .iter()
            .map(|(split, set)| (split.as_str(), set));
        let mut sets = [("training", &task.train)].into_iter().chain(sets);
        if let Some((name, _)) = sets.find(|(_, set)| set.is_empty()) {
            let task = &task.name;
            return Err(Stop::Failure(format!("{task} has no {name} examples")));
        }
        if splits(task) != splits(&tasks[0]) {
            let (one, other) = (&task.name, &tasks[0].name);
            return Err(Stop::Failure(format!(
                "{one} is evaluated on other splits than {other}; all tasks need the same"
            )));
        }
    }
    Ok(())
}

/// Sorts by experiment, method and seed.
fn run_name(experiment: &str, settings: &Settings) -> String {
    let (method, seed) = (settings.router.method, settings.seed);
    format!("{experiment}-{method}-seed{seed}")
}

fn heading(progress: &Progress<'_>, resolved: &Resolved, folder: &RunFolder) -> String {
    format!(
        "{}: {}, seed {}, {} steps for each of {} tasks, threads: {}\nrun folder: {}",
        progress.experiment,
        resolved.settings.router.method,
        resolved.settings.seed,
        display::count(resolved.steps),
        progress.tasks.len(),
        resolved.threads,
        folder.path.display(),
    )
}
