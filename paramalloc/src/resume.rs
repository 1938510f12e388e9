//! Where a run starts: in a folder of its own from the beginning, or in the
//! folder of a run that was stopped, from its newest whole checkpoint.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use paramalloc_core::data::Task;
use paramalloc_core::summary::DataIdentity;
use paramalloc_core::train::{Trainer, checkpoint};

use super::Experiment;
use super::checkpoints::{BEST, EVALUATED_BEST, Kept, list};
use super::config::{Origin, Record, Settings};
use super::folder::{self, CHECKPOINTS, CONFIG, METRICS, RunFolder};
use super::merge::{self, Merged};
use super::metrics::Written;
use super::recorded::{
    Difference, Recorded, data_differ, differences, other_data, settings_differ,
};
use super::report::{self, quoted, say};
use super::stop::Stop;
use crate::cli::Given;
use paramalloc_data::{DataChoice, DataOptions};

/// What a run starts from, before its data are loaded.
pub struct Start {
    /// Its settings.
    pub settings: Settings,
    /// What the config file says about the run it is of.
    pub origin: Origin,
    path: Option<PathBuf>,
    /// The run to go on with.
    pub(super) recorded: Option<Recorded>,
    name: String,
    /// Names of the flags that were typed.
    typed: BTreeSet<String>,
}

/// The run as its command line and data have it.
pub struct Now<'a> {
    /// Name of the experiment.
    pub experiment: &'a str,
    /// Its settings, resolved.
    pub settings: &'a Settings,
    /// Its data.
    pub data: &'a DataIdentity,
    /// Its tasks.
    pub tasks: &'a [Task],
}

/// What was found where a run is to go on or begin.
pub enum Opened {
    /// A run that has come to its end already, in this folder.
    Finished(PathBuf),
    /// A folder to write into, and what the checkpoint that was restored
    /// kept.
    Unfinished(RunFolder, Option<Box<Kept>>),
}

impl Start {
    /// What the command line asks for.
    ///
    /// # Errors
    /// A sentence, if a setting is wrong, or the folder is not one to write
    /// into or to resume.
    pub fn find(experiment: &Experiment, given: &Given) -> Result<Self, Stop> {
        let flags = &given.flags;
        let output = &flags.output;
        let config = output.config.as_deref();
        let mut merged = merge::merge(&experiment.defaults, config, flags)?;
        check_origin(&merged.origin, experiment.name)?;
        let name = run_name(experiment.name, &merged.settings);
        let own = || experiment.resumes.then(|| folder::of_its_own(&name));
        let path = output.logdir.clone().or_else(own);
        let mut recorded = None;
        if let Some(path) = &path {
            if output.resume || experiment.resumes {
                recorded = Recorded::read(path, experiment.name)?;
            }
            match &recorded {
                // The run's own settings, so that its flags need no repeating.
                Some(run) if output.resume => {
                    let Merged { settings, .. } = merge::merge(&run.settings, config, flags)?;
                    merged.settings = settings;
                }
                Some(_) => {}
                None => folder::check_free(path)?,
            }
        }
        Ok(Self {
            settings: merged.settings,
            origin: merged.origin,
            path,
            recorded,
            name,
            typed: given.names.clone(),
        })
    }

    /// Where to look for the data: a run that is gone on with has the kind that
    /// it began with, whatever is to be had by now.
    pub fn data_options(&self) -> DataOptions {
        let mut options = self.settings.data_options();
        if let Some(run) = &self.recorded {
            run.choose_data(&mut options);
        }
        options
    }

    /// The run's folder if it has come to its end already, which is said.
    ///
    /// # Errors
    /// A sentence, if its files are broken or its settings are others.
    pub fn finished(&self) -> Result<Option<&Path>, Stop> {
        let (Some(path), Some(run)) = (&self.path, &self.recorded) else {
            return Ok(None);
        };
        // In epochs it takes the data to tell how long the run is to be.
        let is_finished = matches!(run.outcome(), Ok(Some(_)));
        if self.settings.steps.is_none() || !is_finished {
            return Ok(None);
        }
        let settings = Settings {
            epochs: None,
            eval_every: self.settings.eval_every.or(run.settings.eval_every),
            log_every: self.settings.log_every.or(run.settings.log_every),
            ..self.settings.clone()
        };
        self.refuse(path, &differences(&run.settings, &settings)?)?;
        self.refuse_other_data(path, run)?;
        say_finished(path);
        Ok(Some(path))
    }

    /// The folder to write into, or that of a run that has come to its end
    /// already, which is said. A run that is gone on with is restored into `trainer`
    /// from its newest whole checkpoint, if it has any.
    ///
    /// # Errors
    /// A sentence, if the run in the folder is another one, none of its
    /// checkpoints can be used, or a file cannot be read or written.
    pub fn open(&self, now: &Now<'_>, trainer: &mut Trainer) -> Result<Opened, Stop> {
        let (Some(path), Some(run)) = (&self.path, &self.recorded) else {
            let folder = match &self.path {
                Some(path) => RunFolder::claim(path)?,
                None => RunFolder::fresh(&self.name)?,
            };
            write_config(&folder, now)?;
            return Ok(Opened::Unfinished(folder, None));
        };
        self.refuse(path, &differences(&run.settings, now.settings)?)?;
        let data = run.origin.data_identity.as_ref();
        if let Some(difference) = data.and_then(|data| data_differ(data, now.data)) {
            return Err(other_data(path, &difference));
        }
        if run.outcome_or_warning().is_some() {
            say_finished(path);
            return Ok(Opened::Finished(path.clone()));
        }
        if let Some(version) = run.origin.version.as_deref()
            && version != env!("CARGO_PKG_VERSION")
        {
            say(&format!(
                "warning: version {version} of the program began this run; its results may be others"
            ));
        }
        let folder = RunFolder::reclaim(path)?;
        if run.is_of_checkpoint {
            write_config(&folder, now)?;
        }
        let found = newest(path, now, trainer)?;
        Ok(Opened::Unfinished(folder, found.map(Box::new)))
    }
}

impl Start {
    /// Refuses to go on with the run in `path` if it has other settings.
    fn refuse(&self, path: &Path, differences: &[Difference]) -> Result<(), Stop> {
        if differences.is_empty() {
            return Ok(());
        }
        let mut sources: Vec<String> = Vec::new();
        for source in differences.iter().filter_map(|d| self.source(&d.name)) {
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        let sources = sources.join(" and ");
        let shown = quoted(&path.display().to_string());
        let advice = match (self.typed.contains("resume"), sources.is_empty()) {
            (true, false) => format!("leave out {sources}"),
            (true, true) => "leave that as it was".to_owned(),
            (false, false) => format!("leave out {sources} and give --resume --logdir {shown}"),
            (false, true) => {
                format!("give --resume --logdir {shown}, which takes the settings of the run")
            }
        };
        let differences: Vec<String> = differences.iter().map(Difference::to_string).collect();
        Err(Stop::Failure(format!(
            "the run in {} was begun with {}: {advice}, or begin another run with another --logdir",
            path.display(),
            differences.join("; ")
        )))
    }

    /// Refuses a finished run on drawn data where published ones are asked for,
    /// or the other way round: its data are not loaded to compare them.
    fn refuse_other_data(&self, path: &Path, run: &Recorded) -> Result<(), Stop> {
        let Some(data) = &run.origin.data_identity else {
            return Ok(());
        };
        let wanted = match self.settings.data {
            DataChoice::Real if !data.real => "real",
            DataChoice::Drawn if data.real => "drawn",
            _ => return Ok(()),
        };
        Err(Stop::Failure(format!(
            "the run in {} was trained on {}, not on --data {wanted}; leave that out, or begin another run with another --logdir",
            path.display(),
            data.name
        )))
    }

    /// The flag that a setting came from, if it came from one.
    fn source(&self, setting: &str) -> Option<String> {
        let name = setting.rsplit('.').next().unwrap_or_default();
        let other = if name == "steps" { "epochs" } else { name };
        let mut names = [name, other, "config"].into_iter();
        let name = names.find(|name| self.typed.contains(*name))?;
        Some(format!("--{}", name.replace('_', "-")))
    }
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

/// Sorts by experiment, method and seed.
fn run_name(experiment: &str, settings: &Settings) -> String {
    let (method, seed) = (settings.router.method, settings.seed);
    format!("{experiment}-{method}-seed{seed}")
}

fn write_config(folder: &RunFolder, now: &Now<'_>) -> Result<(), Stop> {
    let record = Record {
        experiment: now.experiment,
        version: env!("CARGO_PKG_VERSION"),
        data_identity: now.data,
        settings: now.settings,
    };
    folder.write_json(CONFIG, &record)
}

fn say_finished(path: &Path) {
    let path = path.display();
    report::print(&format!(
        "The run in {path} is finished; there is nothing to resume.\n"
    ));
}

/// Restores the newest checkpoint that is whole and of this run. Those that
/// are not are named in a warning each.
fn newest(run: &Path, now: &Now<'_>, trainer: &mut Trainer) -> Result<Option<Kept>, Stop> {
    let mut unfit = Vec::new();
    let mut files = candidates(run)?.into_iter().peekable();
    while let Some(path) = files.next() {
        let (cause, sentence) = match restore(&path, run, now, trainer) {
            Ok(kept) => return Ok(Some(kept)),
            Err((cause, sentence)) => (cause, format!("{}: {sentence}", path.display())),
        };
        if files.peek().is_some() {
            say(&format!("warning: {sentence}; the one before it is tried"));
        }
        unfit.push((cause, sentence));
    }
    // Of several causes the one about which most can be done.
    let Some((cause, sentence)) = unfit.into_iter().max_by_key(|&(cause, _)| cause) else {
        return Ok(None);
    };
    let advice = cause.advice(run);
    Err(Stop::Failure(format!(
        "no checkpoint can be used ({sentence}); {advice}"
    )))
}

/// Why a checkpoint cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Unfit {
    Damaged,
    OtherNetwork,
    OtherRun,
    OtherMetrics,
}

impl Unfit {
    /// What can be done about it.
    fn advice(self, run: &Path) -> String {
        let place = |name: &str| run.join(name).display().to_string();
        let checkpoints = place(CHECKPOINTS);
        match self {
            Self::Damaged => format!(
                "put a whole one back, or move {checkpoints} away to start from the beginning"
            ),
            Self::OtherNetwork => {
                "use the program with the network that began this run, or begin another run with another --logdir".to_owned()
            }
            Self::OtherRun => format!(
                "if {} was changed, put it back as it was; if the checkpoints are another run's, put this one's back",
                place(CONFIG)
            ),
            Self::OtherMetrics => format!(
                "put {} back as it was; without it there is only the way to move {checkpoints} away and start from the beginning",
                place(METRICS)
            ),
        }
    }
}

/// The checkpoints of a run in the order in which to try them: the newest
/// first, the best last.
pub fn candidates(run: &Path) -> Result<Vec<PathBuf>, Stop> {
    let folder = run.join(CHECKPOINTS);
    let mut files: Vec<PathBuf> = list(&folder)?.into_iter().map(|(_, path)| path).collect();
    let best = [BEST, EVALUATED_BEST].map(|name| folder.join(name));
    files.extend(best.into_iter().filter(|path| path.exists()));
    Ok(files)
}

/// Restores a checkpoint, or says why it cannot be and changes nothing.
fn restore(
    path: &Path,
    run: &Path,
    now: &Now<'_>,
    trainer: &mut Trainer,
) -> Result<Kept, (Unfit, String)> {
    let damaged = |sentence: String| (Unfit::Damaged, sentence);
    let bytes = fs::read(path).map_err(|e| damaged(format!("cannot read it: {e}")))?;
    let read = checkpoint::read_extra::<Kept>(&bytes);
    let (_, kept) = read.map_err(|e| damaged(e.to_string()))?;
    if let Some(differences) = kept.differ(now).map_err(damaged)? {
        let sentence = format!("it is of a run with {differences}");
        return Err((Unfit::OtherRun, sentence));
    }
    let metrics = run.join(METRICS);
    let first = Written::of_first(&metrics, kept.metrics_len).unwrap_or_default();
    let (len, crc) = (kept.metrics_len, kept.metrics_crc);
    if first.len < len {
        let held = first.len;
        let sentence = format!("it was written after {len} bytes of {METRICS}, which has {held}");
        return Err((Unfit::OtherMetrics, sentence));
    }
    if first.crc != crc {
        let sentence =
            format!("it was written after {len} bytes of {METRICS}, which are others now");
        return Err((Unfit::OtherMetrics, sentence));
    }
    let restored = trainer.restore(&bytes);
    restored.map_err(|e| (Unfit::OtherNetwork, e.to_string()))
}

impl Kept {
    /// How the run of this checkpoint differs from another one, if it does.
    pub fn differ(&self, now: &Now<'_>) -> Result<Option<String>, String> {
        if self.experiment != now.experiment {
            let (held, now) = (&self.experiment, now.experiment);
            return Ok(Some(format!("experiment = {held}, not {now}")));
        }
        let settings = settings_differ(&self.settings, now.settings);
        let settings = settings.map_err(|_| "its settings cannot be compared".to_owned())?;
        let mut differences = Vec::from_iter(settings);
        differences.extend(data_differ(&self.data_identity, now.data));
        let names = now.tasks.iter().map(|task| &task.name);
        if !self.tasks.iter().eq(names) || self.sums.tasks() != self.tasks.len() {
            differences.push("other tasks".to_owned());
        }
        Ok(Some(differences.join("; ")).filter(|text| !text.is_empty()))
    }
}

#[cfg(test)]
mod tests;
