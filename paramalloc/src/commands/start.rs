//! Where a run starts: in a directory of its own from the beginning, or in
//! the directory of a run that was stopped, from its newest whole checkpoint.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use paramalloc_core::network::Network;
use paramalloc_core::summary::{RunManifest, Summary};
use paramalloc_core::train::Trainer;
use paramalloc_data::table::TableRecord;
use paramalloc_data::{DataChoice, DataOptions, Dataset, Normalization};

use crate::arguments::given::Given;
use crate::error::Error;
use crate::record::network_file::NetworkFile;
use crate::record::now::Now;
use crate::record::restore::newest;
use crate::record::run_record::RunRecord;
use crate::run_dir::checkpoints::candidates;
use crate::run_dir::directory::{self, RunDir};
use crate::run_dir::files::{CONFIG, NETWORK, TABLE};
use crate::session::initial::Initial;
use crate::session::state::SessionState;
use crate::settings::choices;
use crate::settings::config::{self, RunConfig, SourceConfig, TaskConfig};
use crate::settings::difference::{Difference, data_differ, differences};
use crate::settings::merge::{self, Merged};
use crate::settings::origin::Origin;
use crate::settings::resolved::Resolved;
use crate::settings::{Select, Settings};
use crate::shell::{self, this_program};
use crate::stdio::{print, say};
use crate::subject::Subject;

/// Version of the program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a run starts from, before its data are loaded.
#[derive(Debug)]
pub struct Start {
    /// Its settings.
    pub settings: Settings,
    /// What the config file says about the run it is of.
    pub origin: Origin,
    /// Names of the flags that were typed.
    pub typed: BTreeSet<String>,
    path: Option<PathBuf>,
    /// The run to resume.
    record: Option<RunRecord>,
    /// True if it is resumed by the command for that.
    is_resume: bool,
    name: String,
}

/// What was found where a run is to resume or begin.
#[derive(Debug)]
pub enum Opened {
    /// A run that finished earlier, in this directory.
    Finished(PathBuf, Box<Summary>),
    /// A directory to write into, and what the checkpoint that was restored
    /// holds.
    Unfinished(RunDir, Option<Box<SessionState>>),
}

impl Start {
    /// A new run of `experiment`; where that `resumes` by the same command, a
    /// run that was stopped.
    ///
    /// # Errors
    /// If a setting is wrong, or the directory is not one to write into or to
    /// resume.
    pub fn begin(
        (experiment, defaults, resumes): (&str, &Settings, bool),
        given: Given,
        logdir: Option<PathBuf>,
    ) -> Result<Self, Error> {
        let Merged {
            mut settings,
            origin,
        } = merge::merge(defaults, given.config.as_deref(), &given.flags)?;
        check_origin(&origin, experiment)?;
        if let Some(init) = &mut settings.init
            && let Ok(whole) = std::path::absolute(&*init)
        {
            *init = whole;
        }
        let name = run_name(experiment, &settings);
        let own = || resumes.then(|| directory::of_its_own(&name));
        let path = logdir.or_else(own);
        let mut record = None;
        if let Some(path) = &path {
            if resumes {
                record = RunRecord::find_of(path, experiment)?;
            }
            if let Some(run) = &record {
                settings.select = settings.select.or(run.config.settings.select);
            }
            if record.is_none() {
                directory::check_free(path)?;
            }
        }
        Ok(Self {
            settings,
            origin,
            path,
            record,
            is_resume: false,
            name,
            typed: given.names,
        })
    }

    /// A run that was stopped, with its own settings, so that flags need no
    /// repeating.
    ///
    /// # Errors
    /// If a setting is wrong.
    pub fn resume(run: RunRecord, given: Given) -> Result<Self, Error> {
        let stored = &run.config.settings;
        let Merged { settings, origin } =
            merge::merge(stored, given.config.as_deref(), &given.flags)?;
        check_origin(&origin, &run.config.experiment)?;
        Ok(Self {
            settings,
            origin,
            path: Some(run.path.clone()),
            name: run_name(&run.config.experiment, stored),
            record: Some(run),
            is_resume: true,
            typed: given.names,
        })
    }

    /// Where to look for the data: a run that resumes has the kind that it
    /// began with, whatever is to be had by now.
    pub fn data_options(&self) -> DataOptions {
        let mut options = self.settings.data_options();
        if let Some(run) = &self.record {
            run.choose_data(&mut options);
        }
        options
    }

    /// Which parameters a new run reports where nobody says so: the best if it
    /// `can_validate`. What was begun stays as it was.
    pub fn choose_parameters(&self, settings: &mut Settings, can_validate: bool) {
        let is_said = settings.select.is_some() || settings.patience.is_some();
        if self.record.is_none() && can_validate && !is_said {
            settings.select = Some(Select::Best);
        }
    }

    /// The parameters of another run that this one begins with; none once it has a
    /// checkpoint of its own.
    ///
    /// # Errors
    /// If there are none.
    pub fn initial(&self) -> Result<Option<Initial>, Error> {
        let own = self.record.as_ref().map(|run| candidates(&run.path));
        let has_own = own.transpose()?.is_some_and(|own| !own.is_empty());
        let init = self.settings.init.as_ref().filter(|_| !has_own);
        init.map(|path| Initial::read(path)).transpose()
    }

    /// How the images of the run are normalized already, if it is one that resumes.
    pub fn normalization(&self) -> Option<&Normalization> {
        self.record.as_ref()?.config.normalization.as_ref()
    }

    /// What the run is started with; a run that resumes keeps how it was.
    pub fn config(
        &self,
        subject: &Subject<'_>,
        resolved: &Resolved,
        (dataset, normalization): (&Dataset, Option<Normalization>),
    ) -> RunConfig {
        let stored = self.record.as_ref().map(|run| &run.config);
        let version = stored.map_or(VERSION, |stored| &stored.version);
        let program = stored.map(|stored| stored.program.clone());
        RunConfig {
            format: config::FORMAT,
            experiment: subject.experiment.to_owned(),
            version: version.to_owned(),
            program: program.unwrap_or_else(|| this_program(subject.experiment)),
            source: SourceConfig::of(subject.source),
            data_identity: dataset.identity.clone(),
            tasks: TaskConfig::of_tasks(&dataset.tasks, subject.network),
            additions: subject.additions.to_vec(),
            normalization,
            settings: resolved.settings.clone(),
        }
    }

    /// The run if it finished earlier, which is said.
    ///
    /// # Errors
    /// If its files are broken or its settings are others.
    pub fn finished(&self) -> Result<Option<(&Path, Summary)>, Error> {
        let (Some(path), Some(run)) = (&self.path, &self.record) else {
            return Ok(None);
        };
        // In epochs it takes the data to tell how long the run is to be.
        let outcome = run.outcome().ok().flatten();
        let (Some(_), Some(summary)) = (self.settings.steps, outcome) else {
            return Ok(None);
        };
        let stored = &run.config.settings;
        let settings = Settings {
            epochs: None,
            min_steps: None,
            eval_every: self.settings.eval_every.or(stored.eval_every),
            log_every: self.settings.log_every.or(stored.log_every),
            ..self.settings.clone()
        };
        self.refuse(path, stored, &settings)?;
        self.refuse_other_data(path, run)?;
        print_finished(run)?;
        Ok(Some((path, summary)))
    }

    /// The directory to write into, or that of a run that finished earlier,
    /// which is said. A run that resumes is restored into `trainer` from its
    /// newest whole checkpoint, if it has any.
    ///
    /// # Errors
    /// If the run in the directory is another one, none of its checkpoints can
    /// be used, or a file cannot be read or written.
    pub fn open(
        &self,
        network: &Network,
        table: Option<&TableRecord>,
        now: &Now<'_>,
        trainer: &mut Trainer,
    ) -> Result<Opened, Error> {
        let (Some(path), Some(run)) = (&self.path, &self.record) else {
            let directory = match &self.path {
                Some(path) => RunDir::claim(path)?,
                None => RunDir::fresh(&self.name)?,
            };
            // What holds config.json is a run, and has its network.
            directory.write_json(NETWORK, &NetworkFile::new(network))?;
            write_table(&directory, table)?;
            directory.write_json(CONFIG, now.config)?;
            return Ok(Opened::Unfinished(directory, None));
        };
        let (stored, config) = (&run.config, now.config);
        self.refuse(path, &stored.settings, &config.settings)?;
        if let Some(difference) = data_differ(&stored.data_identity, &config.data_identity) {
            return Err(Error::OtherData {
                path: path.clone(),
                difference,
            });
        }
        if let Some(summary) = run.outcome_or_warning() {
            print_finished(run)?;
            return Ok(Opened::Finished(path.clone(), Box::new(summary)));
        }
        if stored.version != VERSION {
            say(&format!(
                "warning: version {} of the program began this run; its results may be others",
                stored.version
            ));
        }
        let directory = RunDir::reclaim(path)?;
        let is_lost = |name| !path.join(name).exists() || RunManifest::is_changed(path, name);
        if run.is_from_checkpoint || is_lost(NETWORK) {
            directory.write_json(NETWORK, &NetworkFile::new(network))?;
        }
        if run.is_from_checkpoint {
            directory.write_json(CONFIG, stored)?;
        }
        if is_lost(TABLE) {
            write_table(&directory, table)?;
        }
        let found = newest(path, now, trainer)?;
        Ok(Opened::Unfinished(directory, found.map(Box::new)))
    }

    /// Refuses to resume the run in `path` if it has other settings.
    fn refuse(&self, path: &Path, stored: &Settings, now: &Settings) -> Result<(), Error> {
        let differences = differences(stored, now).map_err(Error::json("the settings"))?;
        match differences.is_empty() {
            true => Ok(()),
            false => Err(self.other_settings(path, differences)),
        }
    }

    fn other_settings(&self, path: &Path, differences: Vec<Difference>) -> Error {
        let mut sources: Vec<String> = Vec::new();
        for source in differences.iter().filter_map(|d| self.source(&d.name)) {
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        let sources = sources.join(" and ");
        let shown = shell::quoted(&path.display().to_string());
        let advice = match (self.is_resume, sources.is_empty()) {
            (true, false) => format!("leave out {sources}"),
            (true, true) => "leave that as it was".to_owned(),
            (false, false) => format!("leave out {sources} and resume it: `resume {shown}`"),
            (false, true) => {
                format!("resume it with the settings of the run: `resume {shown}`")
            }
        };
        Error::OtherSettings {
            path: path.to_owned(),
            differences,
            advice,
        }
    }

    /// Refuses a finished run on generated data where published ones are asked
    /// for, or the other way round: its data are not loaded to compare them.
    fn refuse_other_data(&self, path: &Path, run: &RunRecord) -> Result<(), Error> {
        let data = &run.config.data_identity;
        let wanted = match self.settings.data {
            DataChoice::Real if !data.real => "real",
            DataChoice::Generated if data.real => "generated",
            _ => return Ok(()),
        };
        Err(Error::OtherDataChoice {
            path: path.to_owned(),
            found: data.name.clone(),
            wanted,
        })
    }

    /// The flag that a setting came from, if it came from one.
    fn source(&self, setting: &str) -> Option<String> {
        let last = || setting.rsplit('.').next().unwrap_or_default();
        let name = choices::flag_of(setting).unwrap_or_else(last);
        let others: &[&str] = match name {
            "steps" => &["epochs", "min_steps", "config"],
            _ => &["config"],
        };
        let mut names = std::iter::once(name).chain(others.iter().copied());
        let name = names.find(|name| self.typed.contains(*name))?;
        Some(format!("--{}", name.replace('_', "-")))
    }
}

/// Writes what was made of the table, if the run learns from one.
fn write_table(directory: &RunDir, table: Option<&TableRecord>) -> Result<(), Error> {
    table.map_or(Ok(()), |table| directory.write_json(TABLE, table))
}

/// A config file of another experiment is an error.
fn check_origin(origin: &Origin, name: &str) -> Result<(), Error> {
    match &origin.experiment {
        Some(other) if other != name => Err(Error::ConfigOfOther {
            found: other.clone(),
            expected: name.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Sorts by experiment, method and seed.
fn run_name(experiment: &str, settings: &Settings) -> String {
    let (method, seed) = (settings.router.method, settings.seed);
    format!("{experiment}-{method}-seed{seed}")
}

fn print_finished(run: &RunRecord) -> Result<(), Error> {
    run.warn_of_changed_metrics();
    directory::tidy(&run.path);
    let path = run.path.display();
    print(&format!(
        "The run in {path} is finished; there is nothing to resume.\n"
    ))
}

#[cfg(test)]
mod tests;
