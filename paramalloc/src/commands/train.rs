//! Trains, from where a run starts to its report.

use std::path::PathBuf;

use paramalloc_core::data::Task;
use paramalloc_core::summary::Summary;
use paramalloc_core::train::Trainer;
use paramalloc_data::Dataset;
use paramalloc_plot::format::{self, thousands};

use super::load::load;
use super::start::{Opened, Start};
use crate::display::{self, Display, Loading};
use crate::error::Error;
use crate::record::now::Now;
use crate::results::VALIDATION;
use crate::run_dir::checkpoints::Checkpoints;
use crate::run_dir::directory::RunDir;
use crate::run_dir::files::{METRICS, TIMING};
use crate::session::batches::Batching;
use crate::session::json_lines::JsonLines;
use crate::session::logger::{Event, Logger};
use crate::session::pace::Pace;
use crate::session::progress::Progress;
use crate::session::state::{SessionState, StoredProgress};
use crate::session::tensorboard::TensorBoard;
use crate::session::timing::Timing;
use crate::session::training::{End, Outputs, Session};
use crate::session::{images, outcome, tasks, weights};
use crate::settings::LogFormat;
use crate::settings::config::RunConfig;
use crate::settings::ranges;
use crate::settings::resolved::Resolved;
use crate::stdio::{print, say};
use crate::subject::Subject;
use crate::task_metrics::TaskMetrics;
use crate::{interrupt, report};

/// A run that finished.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finished {
    /// Its outcome.
    pub summary: Summary,
    /// Its directory.
    pub path: PathBuf,
}

/// Trains from where a run starts.
///
/// # Errors
/// What is wrong, or that the run was interrupted.
pub fn train(subject: &Subject<'_>, start: &Start, quiet: bool) -> Result<Finished, Error> {
    ranges::check(subject.network, &start.settings, &start.typed)?;
    if let Some((path, summary)) = start.finished()? {
        return Ok(Finished {
            summary,
            path: path.to_owned(),
        });
    }
    // Before anything is loaded: a metric that there is not.
    TaskMetrics::check(&start.settings)?;
    interrupt::prepare()?;
    if !paramalloc_core::IS_OPTIMIZED {
        say(
            "warning: this program is built without optimization, which makes it some hundred times slower; put opt-level = 3 under [profile.dev] into the Cargo.toml of its workspace",
        );
    }
    let mut display = display::choose(quiet);
    let mut dataset = {
        let mut loading = Loading::new(quiet, |line| display.tell(line));
        load(subject.source, &start.data_options(), &mut loading)?
    };
    tasks::check(&dataset.tasks, subject.network)?;
    weights::give(&mut dataset.tasks, subject.network, &start.settings)?;
    let known = start.normalization().or(subject.normalization);
    let normalization = images::prepare(&mut dataset, subject.network, &start.settings, known)?;
    let Dataset {
        tasks, identity, ..
    } = &dataset;
    tasks::check(tasks, subject.network)?;
    Batching::new(&start.settings, tasks)?;
    let metrics = subject.metrics(tasks, &start.settings)?;
    let expected = start.origin.data_identity.as_ref();
    if expected.is_some_and(|expected| expected != identity) {
        display.tell("The data are not those of the run that the config file is of.");
    }
    let has_validation = tasks.iter().any(|task| {
        let mut splits = task.evaluation.iter();
        splits.any(|(split, _)| split == VALIDATION)
    });
    if start.settings.takes_best() && !has_validation {
        display.tell(
            "There is no validation split: the run continues to its last step, and the last parameters are taken; --validation-share 0.1 makes one.",
        );
    }
    let mut resolved = start.settings.resolve(tasks);
    let can_validate = has_validation && !subject.reports_last;
    start.choose_parameters(&mut resolved.settings, can_validate);
    if !identity.files.is_empty() {
        resolved.keep_data_dir();
    }
    let settings = resolved.train();
    let mut trainer = Trainer::new(subject.network, &settings, tasks, resolved.threads)?;
    (subject.prepare)(&mut trainer)?;
    if let Some(initial) = start.initial()? {
        let lines = initial.give(&mut trainer)?;
        lines.iter().for_each(|line| display.tell(line));
    }
    // Nothing was written so far: until now there is nothing to save.
    interrupt::listen();
    let config = start.config(subject, &resolved, (&dataset, normalization));
    let now = Now { config: &config };
    let (directory, stored) =
        match start.open(subject.network, dataset.table.as_ref(), &now, &mut trainer)? {
            Opened::Finished(path, summary) => {
                return Ok(Finished {
                    summary: *summary,
                    path,
                });
            }
            Opened::Unfinished(directory, stored) => (directory, stored),
        };
    let mut loggers = (subject.loggers)(&directory.path)?;
    let parts = Parts {
        config: &config,
        tasks,
        metrics: &metrics,
        resolved: &resolved,
        directory: &directory,
    };
    let timing = Timing::open(&directory.path.join(TIMING))?;
    loggers.push(Box::new(timing));
    if resolved.settings.log.contains(&LogFormat::TensorBoard) {
        let names = tasks.iter().map(|task| task.name.clone()).collect();
        let step = trainer.global_step();
        let board = TensorBoard::open(&directory.path, names, &resolved.settings, step)?;
        loggers.push(Box::new(board));
    }
    let session = session(parts, &mut trainer, stored, (display, loggers))?;
    run(session, &directory)
}

/// What a session is made of, beside its trainer.
#[derive(Clone, Copy)]
struct Parts<'a> {
    config: &'a RunConfig,
    tasks: &'a [Task],
    metrics: &'a TaskMetrics,
    resolved: &'a Resolved,
    directory: &'a RunDir,
}

/// A run as its checkpoint `stored` has it, its heading shown.
fn session<'a>(
    parts: Parts<'a>,
    trainer: &'a mut Trainer,
    stored: Option<Box<SessionState>>,
    (display, loggers): (Box<dyn Display>, Vec<Box<dyn Logger>>),
) -> Result<Session<'a>, Error> {
    let Parts {
        config,
        tasks,
        metrics,
        resolved,
        directory,
    } = parts;
    let schedule = resolved.schedule();
    let first = trainer.global_step();
    let of_round = trainer.trained().len();
    let (written, stored) = match stored {
        Some(stored) => (stored.metrics.bytes, stored.progress),
        None => (0, StoredProgress::new(tasks.len())),
    };
    let keep = resolved.settings.keep_checkpoints;
    let outputs = Outputs {
        metrics: JsonLines::open(&directory.path.join(METRICS), written, (schedule, of_round))?,
        loggers,
        checkpoints: Checkpoints::new(directory, keep, (stored.best, stored.since_best), first)?,
        display,
    };
    let progress = Progress {
        config,
        recent_loss: stored.recent_loss,
        tasks,
        metrics,
        trainer,
        last_evaluation: stored.last_evaluation,
        pace: Pace::start(
            first,
            schedule.evaluations_left(first / of_round as u64),
            evaluation_steps(tasks, resolved),
        ),
    };
    let heading = heading(&progress, resolved, directory);
    let mut session = Session::new(progress, schedule, stored.sums, outputs);
    directory.write_manifest(session.metrics()?)?;
    session.tell(&heading);
    let names: Vec<&str> = tasks.iter().map(|task| task.name.as_str()).collect();
    session.log(&Event::Start {
        tasks: &names,
        step: first,
    })?;
    Ok(session)
}

/// Trains, saves and reports.
fn run(mut session: Session<'_>, directory: &RunDir) -> Result<Finished, Error> {
    let trained = session.train();
    let ended = trained.and_then(|end| match end {
        End::Finished => Ok(end),
        End::Interrupted => wind_up(&mut session, directory).map(|()| end),
    });
    session.close();
    let end = match ended {
        Ok(end) => end,
        Err(error) => {
            // Best effort: what went wrong first is to be told.
            let _ = session.log_rest();
            let _ = save(&mut session, directory, false);
            return Err(error);
        }
    };
    let summary = save(&mut session, directory, end == End::Finished)?;
    session.log(&Event::End(&summary))?;
    let pace = &session.progress.pace;
    let took = (pace.elapsed(), pace.per_second(summary.global_step));
    print(&report::text(&summary, &directory.path, took))?;
    match end {
        End::Finished => Ok(Finished {
            summary,
            path: directory.path.clone(),
        }),
        End::Interrupted => Err(Error::Interrupted),
    }
}

/// Saves an interrupted run, then evaluates it if that is quick.
fn wind_up(session: &mut Session<'_>, directory: &RunDir) -> Result<(), Error> {
    // Before a word about it: nobody may be left to hear that.
    session.checkpoint()?;
    session.tell("Interrupted: what was learned is saved; once more to exit at once.");
    session.log_rest()?;
    save(session, directory, false)?;
    if session.is_worth_evaluating() {
        session.evaluate()?;
    }
    Ok(())
}

fn save(session: &mut Session<'_>, directory: &RunDir, finished: bool) -> Result<Summary, Error> {
    let metrics = session.metrics()?;
    outcome::save(&mut session.progress, directory, metrics, finished)
}

fn heading(progress: &Progress<'_>, resolved: &Resolved, directory: &RunDir) -> String {
    let done = match progress.trainer.global_step() {
        0 => String::new(),
        step => format!(", resuming after task step {}", thousands(step)),
    };
    format!(
        "{}: {}, seed {}, {} task steps for {}, {} in all, threads: {}\nrun directory: {}{done}",
        progress.config.experiment,
        resolved.settings.router.method,
        resolved.settings.seed,
        thousands(resolved.steps),
        match (progress.trainer.trained().len(), progress.tasks.len()) {
            (some, all) if some < all => format!("the {some} new of {all} tasks"),
            (_, all) => format!("each of {}", format::count(all, "task")),
        },
        thousands(progress.trainer.total_task_steps()),
        resolved.threads,
        directory.path.display(),
    )
}

/// What an evaluation of all tasks costs, in task steps: an example goes forward
/// only, which is about a third of what it costs in training.
fn evaluation_steps(tasks: &[Task], resolved: &Resolved) -> f64 {
    let splits = tasks.iter().flat_map(|task| &task.evaluation);
    let examples: usize = splits.map(|(_, examples)| examples.len()).sum();
    examples as f64 / resolved.settings.batch_size as f64 / 3.0
}
