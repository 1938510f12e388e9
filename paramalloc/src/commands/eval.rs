//! Evaluates the checkpoints of a run as they appear, beside the training or
//! after it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};
use std::{fs, io};

use clap::Args;
use paramalloc_core::data::Task;
use paramalloc_core::network::Network;
use paramalloc_core::summary::{EvaluationMetric, read_whole, write_whole};
use paramalloc_data::{DataSource, Dataset};

use crate::commands::details;
use crate::commands::evaluations::{EVALUATIONS, Evaluations};
use crate::commands::load;
use crate::commands::saved::{Saved, ThreadsArg};
use crate::commands::stored;
use crate::display::{Loading, time};
use crate::error::{CheckpointError, Error};
use crate::interrupt;
use crate::record::now::are_same;
use crate::record::run_record::RunRecord;
use crate::results::TEST;
use crate::run_dir::checkpoints::{BEST, EVALUATED_BEST, candidates, file_name};
use crate::run_dir::files::{CONFIG, EVALUATION_LOCK};
use crate::run_dir::lock::Lock;
use crate::session::progress::result_of;
use crate::session::{images, tasks, weights};
use crate::settings::config::TaskConfig;
use crate::settings::difference::data_differ;
use crate::stdio::{print, say};
use crate::task_metrics::TaskMetrics;

/// Between two looks at the directory.
const POLL: Duration = Duration::from_millis(200);

/// Evaluate the checkpoints of a run as they appear, on all splits
#[derive(Args, Clone, Debug)]
pub struct EvalArgs {
    /// Directory of the run; it may be there later
    #[arg(value_name = "RUN")]
    dir: PathBuf,

    /// Evaluate what is there now and end
    #[arg(long)]
    once: bool,

    /// Give up after so long without a new checkpoint
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    idle: u64,

    /// Directory with the data sets, in place of the one that the run used
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,

    #[command(flatten)]
    threads: ThreadsArg,
}

/// What a run is evaluated with.
pub struct Known {
    /// Its network.
    pub network: Network,
    /// Where its tasks come from.
    pub source: Arc<dyn DataSource>,
    /// What they are judged by.
    pub metrics: TaskMetrics,
}

impl EvalArgs {
    /// Evaluates every checkpoint of a run, with what its directory says
    /// alone; see `eval`.
    ///
    /// # Errors
    /// As `eval`, and if the network or the data source of the run is not
    /// known to this program.
    pub fn run(self) -> Result<(), Error> {
        eval(self, |run| {
            let network = stored::network(run, "eval")?;
            Ok(Known {
                metrics: stored::metrics(run, &network, "eval")?,
                source: stored::source(run, "eval")?,
                network,
            })
        })
    }
}

/// Evaluates every checkpoint of a run on all splits of all tasks, until the
/// run is finished. The table is kept in `evaluations.jsonl`. `known` gives the
/// network of a run and its data source.
///
/// # Errors
/// What is wrong, or that it was interrupted. A checkpoint that cannot be used
/// is named in a warning and left out.
pub fn eval(
    args: EvalArgs,
    known: impl FnOnce(&mut RunRecord) -> Result<Known, Error>,
) -> Result<(), Error> {
    interrupt::prepare()?;
    let mut run = wait_for_run(&args)?;
    let Known {
        network,
        source,
        metrics,
    } = known(&mut run)?;
    let dir = &args.dir;
    // Results of a directory that cannot be written are shown none the less.
    let (lock, mut refused) = match Lock::take(&dir.join(EVALUATION_LOCK)) {
        Ok(None) => {
            return Err(Error::Evaluating { path: dir.clone() });
        }
        Ok(lock) => (lock, None),
        Err(refused) => (None, Some(refused)),
    };
    let tasks = load(&args, &run, &network, &*source)?;
    let metrics = metrics.of_tasks(&tasks);
    let saved = Saved::new(run, &network, &args.threads)?;
    interrupt::listen();
    let mut table = Evaluations::read(dir, metrics.clone(), saved.run_crc()?)?;
    if lock.is_some() {
        refused = table.write_on().err();
    }
    if let Some(error) = refused {
        say(&format!("warning: {error}; results are only shown"));
    }
    let mut watch = Watch {
        args,
        saved,
        tasks,
        metrics,
        table,
        seen: HashMap::new(),
        config: None,
        has_warned: false,
    };
    let watched = watch.run();
    let is_empty = watch.table.lines.is_empty();
    match watched {
        Ok(()) if is_empty => Err(Error::NothingEvaluated {
            path: watch.args.dir,
        }),
        Ok(()) | Err(Error::Interrupted) => {
            if !is_empty {
                print(&watch.text())?;
            }
            watched?;
            print(&watch.details()?)
        }
        Err(_) => watched,
    }
}

/// The tasks of a run.
///
/// # Errors
/// If the data are not to be had or not those of the run.
fn load(
    args: &EvalArgs,
    run: &RunRecord,
    network: &Network,
    source: &dyn DataSource,
) -> Result<Vec<Task>, Error> {
    let mut options = run.config.settings.data_options();
    if args.data_dir.is_some() {
        options.data_dir.clone_from(&args.data_dir);
    }
    run.choose_data(&mut options);
    let Dataset {
        mut tasks,
        identity,
        ..
    } = load::load(source, &options, &mut Loading::new(false, say))?;
    tasks::check(&tasks, network)?;
    weights::give(&mut tasks, network, &run.config.settings)?;
    images::normalize(&mut tasks, network, run.normalization(network)?);
    let now = TaskConfig::of_tasks(&tasks, network);
    let is_same = are_same(&now, &run.config.tasks);
    let of_tasks = || (!is_same).then(|| "other tasks".to_owned());
    match data_differ(&run.config.data_identity, &identity).or_else(of_tasks) {
        Some(difference) => Err(Error::OtherData {
            path: run.path.clone(),
            difference,
        }),
        None => Ok(tasks),
    }
}

/// The run, once it has begun; an error after the idle time.
fn wait_for_run(args: &EvalArgs) -> Result<RunRecord, Error> {
    if args.once {
        return RunRecord::read(&args.dir);
    }
    let start = Instant::now();
    let mut has_told = false;
    loop {
        if let Some(run) = RunRecord::find(&args.dir)? {
            return Ok(run);
        }
        if start.elapsed() >= Duration::from_secs(args.idle) {
            return Err(Error::NoRunInTime {
                path: args.dir.clone(),
                seconds: args.idle,
            });
        }
        if !has_told {
            RunRecord::refuse_parent(&args.dir)?;
            let idle = time(Duration::from_secs(args.idle));
            say(&format!(
                "waiting for a run in {}, for {idle} at most (--idle)",
                args.dir.display()
            ));
            has_told = true;
        }
        sleep(POLL);
    }
}

/// Length and time of a file.
type Stamp = (u64, Option<SystemTime>);

fn stamp(path: &Path) -> Option<Stamp> {
    let found = fs::metadata(path).ok()?;
    Some((found.len(), found.modified().ok()))
}

/// A run being watched.
struct Watch {
    args: EvalArgs,
    saved: Saved,
    tasks: Vec<Task>,
    metrics: TaskMetrics,
    table: Evaluations,
    /// The files that were looked at.
    seen: HashMap<PathBuf, Stamp>,
    /// The same of `config.json`.
    config: Option<Stamp>,
    /// That the summary cannot be used.
    has_warned: bool,
}

impl Watch {
    fn run(&mut self) -> Result<(), Error> {
        let mut newest = Instant::now();
        loop {
            // Asked before looking, so that the last checkpoint is not missed.
            let is_last = self.args.once || self.is_finished();
            self.check_directory()?;
            if self.look()? {
                newest = Instant::now();
            }
            if interrupt::asked() {
                return Err(Error::Interrupted);
            }
            if is_last {
                return Ok(());
            }
            if newest.elapsed() >= Duration::from_secs(self.args.idle) {
                let idle = self.args.idle;
                say(&format!("No new checkpoint for {idle} s: giving up."));
                return Ok(());
            }
            sleep(POLL);
        }
    }

    /// Fails once the directory holds another run.
    fn check_directory(&mut self) -> Result<(), Error> {
        let config = stamp(&self.args.dir.join(CONFIG));
        if config == self.config {
            return Ok(());
        }
        self.config = config;
        match self.saved.run.replaced()? {
            Some(difference) => Err(Error::Replaced {
                path: self.args.dir.clone(),
                difference,
            }),
            None => Ok(()),
        }
    }

    /// True once the training is at its end. A summary that cannot be used is
    /// named once.
    fn is_finished(&mut self) -> bool {
        match self.saved.run.outcome() {
            Ok(outcome) => outcome.is_some(),
            Err(error) => {
                if !std::mem::replace(&mut self.has_warned, true) {
                    say(&format!(
                        "warning: {error}; the run is taken for unfinished"
                    ));
                }
                false
            }
        }
    }

    /// Evaluates what is new, the oldest first; true if there was anything.
    fn look(&mut self) -> Result<bool, Error> {
        let mut has_new = false;
        let mut files = candidates(&self.args.dir)?;
        files.reverse();
        // What is best takes the place of the one that was kept, so that comes
        // first; the training's is one of the others most often.
        files.sort_by_key(|path| (!path.ends_with(EVALUATED_BEST), path.ends_with(BEST)));
        for path in files {
            if interrupt::asked() {
                return Ok(has_new);
            }
            let Some(stamp) = stamp(&path) else {
                continue; // It has vanished: newer ones are there.
            };
            if self.seen.get(&path) == Some(&stamp) {
                continue;
            }
            match self.take(&path) {
                Ok(Some(evaluated)) => {
                    self.add(&path, evaluated)?;
                    has_new = true;
                }
                Ok(None) => {}
                Err(error) => say(&format!("warning: {error}")),
            }
            self.seen.insert(path, stamp);
        }
        Ok(has_new)
    }

    /// Shows results and adds them to the table; the best so far is kept, as the
    /// training may take its file away.
    fn add(&mut self, path: &Path, evaluated: Evaluated) -> Result<(), Error> {
        let Evaluated { bytes, results, .. } = evaluated;
        say(&self.table.line_text(&results));
        let best = path.with_file_name(EVALUATED_BEST);
        // Before the line is there: without one the checkpoint is looked at again.
        if self.table.would_be_best(&results)
            && !self.table.is_in_memory()
            && let Err(e) = write_whole(&best, &bytes)
        {
            say(&format!(
                "warning: cannot write {}: {e}; the best checkpoint may be removed by the training",
                best.display()
            ));
        }
        let of_step = path.with_file_name(file_name(results.global_step));
        let named = if of_step.exists() { &of_step } else { path };
        let name = named.file_name().unwrap_or_default().to_string_lossy();
        (self.table).add(name.into_owned(), evaluated.parameters_crc, results)
    }

    /// Evaluates a checkpoint; `None` if it is in the table already, has
    /// vanished, or this program is interrupted.
    fn take(&mut self, path: &Path) -> Result<Option<Evaluated>, Error> {
        let unusable = |source| Error::Checkpoint {
            path: path.to_owned(),
            source,
        };
        let bytes = match read_whole(path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(unusable(CheckpointError::Read(e))),
        };
        self.saved.restore(&bytes).map_err(unusable)?;
        let parameters_crc = self.saved.parameters_crc();
        let trainer = &mut self.saved.trainer;
        let global_step = trainer.global_step();
        if self.table.has(global_step, parameters_crc) {
            return Ok(None);
        }
        let mut evaluation = EvaluationMetric {
            global_step,
            ..EvaluationMetric::default()
        };
        for (index, task) in self.tasks.iter().enumerate() {
            for (split, examples) in &task.evaluation {
                if interrupt::asked() {
                    return Ok(None);
                }
                let metric = self.metrics.of(index);
                let result = result_of(trainer, (index, task), split, examples, metric)?;
                (self.metrics).add(&mut evaluation, split, result);
            }
        }
        Ok(Some(Evaluated {
            bytes,
            parameters_crc,
            results: evaluation,
        }))
    }

    /// How well the best checkpoint, or the last, does on the test split.
    fn details(&mut self) -> Result<String, Error> {
        let Some(path) = self.table.chosen() else {
            return Ok(String::new());
        };
        self.saved.take_file(&path)?;
        let trainer = &mut self.saved.trainer;
        let text = details::text(trainer, &self.tasks, &self.metrics, TEST)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(match text.is_empty() {
            true => text,
            false => {
                format!("\n{name} on the test split; intervals: bootstrap over its rows\n{text}")
            }
        })
    }

    fn text(&self) -> String {
        let every = self
            .saved
            .run
            .config
            .settings
            .checkpoint_every
            .unwrap_or_default();
        let table =
            (self.table).text(every.saturating_mul(self.saved.trainer.trained().len() as u64));
        match self.table.is_in_memory() {
            true => table,
            false => format!(
                "{table}results: {}/{EVALUATIONS}\n",
                self.args.dir.display()
            ),
        }
    }
}

/// A checkpoint that was evaluated.
struct Evaluated {
    /// The file.
    bytes: Vec<u8>,
    parameters_crc: u32,
    results: EvaluationMetric,
}
