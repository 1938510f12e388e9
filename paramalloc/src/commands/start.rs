//! Where a run starts: in a folder of its own from the beginning, or in the
//! folder of a run that was stopped, from its newest whole checkpoint.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use paramalloc_core::train::Trainer;
use paramalloc_data::{DataChoice, DataOptions};

use crate::arguments::parse::Given;
use crate::experiment::Experiment;
use crate::record::now::Now;
use crate::record::restore::newest;
use crate::record::run_record::Recorded;
use crate::run_dir::config::{Origin, Record};
use crate::run_dir::directory;
use crate::run_dir::directory::RunFolder;
use crate::run_dir::files::CONFIG;
use crate::session::state::SessionState;
use crate::settings::difference::{Difference, data_differ, differences, other_data};
use crate::settings::merge::Merged;
use crate::settings::{Settings, merge};
use crate::stdio;
use crate::stdio::{quoted, say};
use crate::stop::Stop;

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

/// What was found where a run is to go on or begin.
pub enum Opened {
    /// A run that has come to its end already, in this folder.
    Finished(PathBuf),
    /// A folder to write into, and what the checkpoint that was restored
    /// kept.
    Unfinished(RunFolder, Option<Box<SessionState>>),
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
        let own = || experiment.resumes.then(|| directory::of_its_own(&name));
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
                None => directory::check_free(path)?,
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
    stdio::print(&format!(
        "The run in {path} is finished; there is nothing to resume.\n"
    ));
}

#[cfg(test)]
mod tests;
