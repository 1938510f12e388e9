//! What the directory of a run says of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use paramalloc_core::network::{Network, TaskHead};
use paramalloc_core::summary::{CONFUSION, RunManifest, Summary, read_whole};
use paramalloc_core::text::escaped;
use paramalloc_core::train::checkpoint;
use paramalloc_data::{DataChoice, DataOptions, Normalization};

use super::outcome_error::OutcomeError;
use crate::error::{ConfigError, Error};
use crate::run_dir::checkpoints::candidates;
use crate::run_dir::directory::holds_files;
use crate::run_dir::files::{BEST_PARAMETERS, CONFIG, METRICS, PARAMETERS, SUMMARY};
use crate::session::state::SessionState;
use crate::settings::config::RunConfig;
use crate::settings::difference::{data_differ, settings_differ};
use crate::stdio::say;

/// Looks at a file before it is said to be changed, and the time between them: the
/// process that trains writes the manifest right after the outcome.
const LOOKS: usize = 5;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// A run as its directory has it.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// The directory.
    pub path: PathBuf,
    /// What it was started with.
    pub config: RunConfig,
    /// True if a checkpoint says so in place of `config.json`.
    pub is_from_checkpoint: bool,
}

impl RunRecord {
    /// The run in a directory, of whatever experiment, if that holds one.
    /// Where its `config.json` is missing, broken or changed, its newest whole
    /// checkpoint says the same, and a warning that it does.
    ///
    /// # Errors
    /// [`Error::LostRecord`] if there is neither, [`Error::Record`] if it is
    /// of a newer format or of version 0.1.
    pub fn find(path: &Path) -> Result<Option<Self>, Error> {
        if !holds_files(path) {
            return Ok(None);
        }
        let file = path.join(CONFIG);
        let source = match RunConfig::read(&file) {
            Ok(_) if RunManifest::is_changed(path, CONFIG) => ConfigError::Changed,
            Ok(config) => {
                return Ok(Some(Self {
                    path: path.to_owned(),
                    config,
                    is_from_checkpoint: false,
                }));
            }
            Err(source @ (ConfigError::NewerFormat { .. } | ConfigError::Version01)) => {
                return Err(Error::Record { path: file, source });
            }
            Err(source) => source,
        };
        let Some((checkpoint, run)) = Self::of_checkpoint(path)? else {
            return Err(Error::LostRecord { path: file, source });
        };
        let (file, checkpoint) = (file.display(), checkpoint.display());
        say(&format!(
            "warning: {file}: {source}; the settings in {checkpoint} are taken"
        ));
        Ok(Some(run))
    }

    /// The name of each of its tasks, and what the task asks of its head.
    pub fn heads(&self) -> impl Iterator<Item = (String, TaskHead)> {
        let tasks = self.config.tasks.iter();
        tasks.map(|task| (task.name.clone(), task.head()))
    }

    /// The run as its newest whole checkpoint has it.
    fn of_checkpoint(path: &Path) -> Result<Option<(PathBuf, Self)>, Error> {
        for file in candidates(path)? {
            let read = read_whole(&file).ok();
            let state = read.and_then(|bytes| checkpoint::read_extra::<SessionState>(&bytes).ok());
            let Some((_, state)) = state else {
                continue;
            };
            let run = Self {
                path: path.to_owned(),
                config: state.config,
                is_from_checkpoint: true,
            };
            return Ok(Some((file, run)));
        }
        Ok(None)
    }

    /// The run of `experiment` in a directory, if that holds one.
    ///
    /// # Errors
    /// As [`Self::find`], and if it is of another experiment.
    pub fn find_of(path: &Path, experiment: &str) -> Result<Option<Self>, Error> {
        match Self::find(path)? {
            Some(run) if run.config.experiment != experiment => Err(Error::OtherExperiment {
                path: path.to_owned(),
                found: run.config.experiment,
                expected: experiment.to_owned(),
            }),
            found => Ok(found),
        }
    }

    /// The run that a directory must hold, of whatever experiment.
    ///
    /// # Errors
    /// As [`Self::find`], and [`Error::NoRun`] if there is none.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::find(path)?.ok_or_else(|| Error::NoRun {
            path: path.to_owned(),
            inside: inside(path),
        })
    }

    /// [`Error::NoRun`] of a directory that holds no run itself, but others that do: who
    /// gives it means one of these.
    ///
    /// # Errors
    /// That one.
    pub fn refuse_parent(path: &Path) -> Result<(), Error> {
        match inside(path) {
            None => Ok(()),
            inside => Err(Error::NoRun {
                path: path.to_owned(),
                inside,
            }),
        }
    }

    /// How the run that the directory holds by now differs from this one, if
    /// it does; nothing while that cannot be told.
    ///
    /// # Errors
    /// If the settings cannot be written as JSON.
    pub fn replaced(&self) -> Result<Option<String>, Error> {
        let Ok(now) = RunConfig::read(&self.path.join(CONFIG)) else {
            return Ok(None);
        };
        if RunManifest::is_changed(&self.path, CONFIG) {
            return Ok(None);
        }
        let own = &self.config;
        if own.experiment != now.experiment {
            let (own, now) = (&own.experiment, now.experiment);
            return Ok(Some(format!(
                "experiment = {}, not {}",
                escaped(&now),
                escaped(own)
            )));
        }
        let settings = settings_differ(&now.settings, &own.settings);
        let settings = settings.map_err(Error::json("the settings"))?;
        Ok(settings.or_else(|| data_differ(&now.data_identity, &own.data_identity)))
    }

    /// Chooses the kind of data that the run used, where `options` leave that
    /// open: whether they were published or generated is known by now, unless
    /// they are some of each.
    pub fn choose_data(&self, options: &mut DataOptions) {
        let data = &self.config.data_identity;
        match options.data {
            DataChoice::Auto if data.real => options.data = DataChoice::Real,
            DataChoice::Auto if data.files.is_empty() => options.data = DataChoice::Generated,
            _ => {}
        }
    }

    /// How its images are normalized, if they are.
    ///
    /// # Errors
    /// If that is not of images of this network.
    pub fn normalization(&self, network: &Network) -> Result<Option<&Normalization>, Error> {
        let channels = network.input.channels;
        let known = self.config.normalization.as_ref();
        match known.filter(|known| !network.input.is_image || !known.is_of(channels)) {
            None => Ok(known),
            Some(_) => Err(Error::Record {
                path: self.path.join(CONFIG),
                source: ConfigError::Standardization { channels },
            }),
        }
    }

    /// The outcome of the run, if it finished.
    ///
    /// # Errors
    /// If the summary in its directory is broken or another run's, or that or the
    /// parameters are not what the manifest says. The run is unfinished then: its
    /// newest checkpoint brings all back.
    pub fn outcome(&self) -> Result<Option<Summary>, OutcomeError> {
        let path = self.path.join(SUMMARY);
        if !path.exists() {
            return Ok(None);
        }
        let summary = Summary::read(&self.path)?;
        if !summary.finished {
            return Ok(None);
        }
        if let Some(difference) = self.differs(&summary) {
            return Err(OutcomeError::OtherRun { path, difference });
        }
        let written = [SUMMARY, PARAMETERS, BEST_PARAMETERS, CONFUSION];
        match written.iter().find(|name| self.stays_changed(name)) {
            Some(name) => Err(OutcomeError::Changed {
                path: self.path.join(name),
            }),
            None => Ok(Some(summary)),
        }
    }

    /// True if a file is not what the manifest says, and not only because the
    /// process that trains has not yet come to the manifest.
    fn stays_changed(&self, name: &str) -> bool {
        for _ in 0..LOOKS {
            if !RunManifest::is_changed(&self.path, name) {
                return false;
            }
            sleep(BETWEEN_LOOKS);
        }
        true
    }

    /// Says that the metrics of a finished run are not what its manifest says, if
    /// so: nothing brings them back.
    pub fn warn_of_changed_metrics(&self) {
        if RunManifest::is_changed(&self.path, METRICS) {
            say(&format!(
                "warning: {}: {}; put it back from a copy",
                self.path.join(METRICS).display(),
                ConfigError::Changed
            ));
        }
    }

    /// As [`Self::outcome`], which a warning says where it fails.
    pub fn outcome_or_warning(&self) -> Option<Summary> {
        self.outcome().unwrap_or_else(|error| {
            say(&format!(
                "warning: {error}; the run is taken for unfinished"
            ));
            None
        })
    }

    /// What a finished run's summary has otherwise than this run.
    fn differs(&self, summary: &Summary) -> Option<String> {
        let RunConfig {
            experiment,
            settings,
            data_identity,
            ..
        } = &self.config;
        let method = settings.router.method.to_string();
        let steps = settings.steps.unwrap_or_default();
        let steps = steps.saturating_mul(settings.trained_of(summary.tasks.len()) as u64);
        let named = [
            ("experiment", &summary.experiment, experiment),
            ("router.method", &summary.method, &method),
        ];
        let numbers = [
            ("seed", summary.seed, settings.seed),
            ("total_task_steps", summary.total_task_steps, steps),
            // A run that stops early ends where its results say.
            match settings.patience {
                Some(_) => (
                    "global_step",
                    summary.global_step.min(steps),
                    summary.global_step,
                ),
                None => ("global_step", summary.global_step, steps),
            },
        ];
        let named = named.map(|(name, theirs, own)| (name, theirs.clone(), own.clone()));
        let numbers =
            numbers.map(|(name, theirs, own)| (name, theirs.to_string(), own.to_string()));
        let mut all = named.into_iter().chain(numbers);
        let other = all.find(|(_, theirs, own)| theirs != own);
        other
            .map(|(name, theirs, own)| {
                let (theirs, own) = (escaped(&theirs), escaped(&own));
                format!("{name} = {theirs}, not {own}")
            })
            .or_else(|| data_differ(&summary.data, data_identity))
    }
}
/// The first directory in `path` that holds a run.
fn inside(path: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(path).ok()?;
    let inside = entries.filter_map(|entry| Some(entry.ok()?.path()));
    inside.filter(|path| path.join(CONFIG).is_file()).min()
}
