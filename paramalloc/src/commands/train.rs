//! Trains, from where a run starts to its report.

use std::path::{Path, PathBuf};

use paramalloc_core::network::Multitask;
use paramalloc_core::summary::Summary;
use paramalloc_core::train::Trainer;
use paramalloc_data::{DataError, DataOptions};
use paramalloc_plot::format::{self, thousands};

use super::start::{Opened, Start};
use crate::arguments::parse::Given;
use crate::display::{self, Display};
use crate::experiment::{Experiment, Loaded};
use crate::record::now::Now;
use crate::run_dir::checkpoints::Checkpoints;
use crate::run_dir::directory::RunFolder;
use crate::run_dir::files::METRICS;
use crate::run_dir::metrics::MetricsLog;
use crate::session::pace::Pace;
use crate::session::progress::Progress;
use crate::session::state::SessionState;
use crate::session::training::{End, Outputs, Session};
use crate::session::{outcome, tasks};
use crate::settings::ranges;
use crate::settings::resolved::Resolved;
use crate::stdio::{print, say};
use crate::stop::Stop;
use crate::{interrupt, report};

/// A run that came to its end.
pub struct Finished {
    /// Its outcome.
    pub summary: Summary,
    /// Its folder.
    pub folder: PathBuf,
}

impl Finished {
    /// One that did so before.
    fn read(folder: &Path) -> Result<Self, Stop> {
        Ok(Self {
            summary: Summary::read(folder).map_err(Stop::failure)?,
            folder: folder.to_path_buf(),
        })
    }
}

/// Trains network `N` from where a run starts; see [`experiment`].
pub fn train_network<N: Multitask>(
    experiment: &Experiment,
    given: &Given,
    start: &Start,
    load: impl FnOnce(&DataOptions, &mut dyn FnMut(&str)) -> Result<Loaded, DataError>,
) -> Result<Finished, Stop> {
    ranges::check::<N>(&start.settings, &given.names)?;
    if let Some(path) = start.finished()? {
        return Finished::read(path);
    }
    interrupt::prepare()?;
    if given.flags.output.resume && start.recorded.is_none() {
        say("There is no run to resume: starting from the beginning.");
    }
    if !paramalloc_core::IS_OPTIMISED {
        say(
            "warning: this program is built without optimisation, which makes it some hundred times slower; put opt-level = 3 under [profile.dev] into the Cargo.toml of its workspace",
        );
    }
    let mut display = display::choose(given.flags.output.quiet);
    let loaded = load(&start.data_options(), &mut |line| display.tell(line));
    let (tasks, data) = loaded?;
    tasks::check(&tasks, N::NETWORK.head.loss)?;
    if start
        .origin
        .data_identity
        .as_ref()
        .is_some_and(|held| *held != data)
    {
        display.tell("The data are not those of the run that the config file is of.");
    }
    let mut resolved = start.settings.resolve(&tasks);
    if !data.files.is_empty() {
        resolved.keep_data_folder();
    }
    let outputs: Vec<usize> = tasks.iter().map(|t| t.outputs).collect();
    let trainer = Trainer::new(&N::NETWORK, &resolved.train(), &outputs, resolved.threads);
    let mut trainer = trainer.map_err(Stop::failure)?;
    // Nothing was written so far: until now there is nothing to save.
    interrupt::listen();
    let now = Now {
        experiment: experiment.name,
        settings: &resolved.settings,
        data: &data,
        tasks: &tasks,
    };
    let (folder, found) = match start.open(&now, &mut trainer)? {
        Opened::Finished(path) => return Finished::read(&path),
        Opened::Unfinished(folder, found) => (folder, found),
    };
    let kept = *found.unwrap_or_default();
    run(
        session(&now, &resolved, &mut trainer, &folder, kept, display)?,
        &folder,
    )
}

/// The run in `folder` as `kept` with its checkpoint left it, its heading shown.
fn session<'a>(
    now: &Now<'a>,
    resolved: &'a Resolved,
    trainer: &'a mut Trainer,
    folder: &RunFolder,
    kept: SessionState,
    display: Box<dyn Display>,
) -> Result<Session<'a>, Stop> {
    let tasks = now.tasks;
    let schedule = resolved.schedule();
    let first = trainer.global_step();
    let outputs = Outputs {
        log: MetricsLog::open(&folder.path.join(METRICS), kept.metrics_len)?,
        checkpoints: Checkpoints::new(&folder.path, &resolved.settings, &kept, first)?,
        display,
    };
    let mut recent_loss = kept.recent_loss;
    recent_loss.resize(tasks.len(), None);
    let progress = Progress {
        experiment: now.experiment,
        settings: &resolved.settings,
        recent_loss,
        tasks,
        data: now.data,
        trainer,
        last_evaluation: kept.last_evaluation,
        pace: Pace::start(first, schedule.evaluations_left(first / tasks.len() as u64)),
    };
    let heading = heading(&progress, resolved, folder);
    let sums = Some(kept.sums).filter(|_| first > 0);
    let mut session = Session::new(progress, schedule, sums, outputs);
    session.tell(&heading);
    Ok(session)
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
            let _ = outcome::save(&session.progress, folder, false);
            return Err(stop);
        }
    };
    let summary = outcome::save(&session.progress, folder, end == End::Finished)?;
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
    // Before a word about it: nobody may be left to hear that.
    session.checkpoint()?;
    session.tell("Interrupted: what was learned is saved; once more to exit at once.");
    session.log_rest()?;
    outcome::save(&session.progress, folder, false)?;
    if session.is_worth_evaluating() {
        session.evaluate()?;
    }
    Ok(())
}

fn heading(progress: &Progress<'_>, resolved: &Resolved, folder: &RunFolder) -> String {
    let done = match progress.trainer.global_step() {
        0 => String::new(),
        step => format!(", going on after task step {}", thousands(step)),
    };
    format!(
        "{}: {}, seed {}, {} steps for each of {}, threads: {}\nrun folder: {}{done}",
        progress.experiment,
        resolved.settings.router.method,
        resolved.settings.seed,
        thousands(resolved.steps),
        format::count(progress.tasks.len(), "task"),
        resolved.threads,
        folder.path.display(),
    )
}
