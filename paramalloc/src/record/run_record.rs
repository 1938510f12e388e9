//! What `config.json` says of a run, and how settings differ from it.

use std::fs;
use std::path::{Path, PathBuf};

use paramalloc_core::summary::Summary;
use paramalloc_core::train::checkpoint;
use paramalloc_data::{DataChoice, DataOptions};

use crate::run_dir::checkpoints::candidates;
use crate::run_dir::config::Origin;
use crate::run_dir::directory;
use crate::run_dir::files::{CONFIG, SUMMARY};
use crate::session::state::SessionState;
use crate::settings::difference::{data_differ, settings_differ};
use crate::settings::{Settings, merge};
use crate::stdio::say;
use crate::stop::Stop;

/// A run as its `config.json` has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Its folder.
    pub folder: PathBuf,
    /// Name of the experiment.
    pub experiment: String,
    /// Its settings, resolved.
    pub settings: Settings,
    /// Experiment, version and data.
    pub origin: Origin,
    /// True if a checkpoint says so in place of `config.json`.
    pub is_of_checkpoint: bool,
}

impl Recorded {
    /// The run in a folder, of whatever experiment, if that holds one. Where
    /// its `config.json` is missing or broken, its newest whole checkpoint says
    /// the same, and a warning that it does.
    ///
    /// # Errors
    /// A sentence, if there is neither.
    pub fn find(folder: &Path) -> Result<Option<Self>, Stop> {
        let path = folder.join(CONFIG);
        let found = if path.exists() {
            Self::of_config(folder, &path)
        } else if directory::holds_files(folder) {
            let folder = folder.display();
            Err(Stop::Failure(format!(
                "{folder} holds a run without its {CONFIG}"
            )))
        } else {
            return Ok(None);
        };
        let Err(Stop::Failure(sentence)) = found else {
            return found.map(Some);
        };
        let Some((checkpoint, run)) = Self::of_checkpoint(folder)? else {
            return Err(Stop::Failure(format!(
                "{sentence}; put it back from a copy: no checkpoint has the settings of the run"
            )));
        };
        let checkpoint = checkpoint.display();
        say(&format!(
            "warning: {sentence}; the settings in {checkpoint} are taken"
        ));
        Ok(Some(run))
    }

    /// The run as `config.json` at `path` has it.
    fn of_config(folder: &Path, path: &Path) -> Result<Self, Stop> {
        let (settings, origin) = merge::record(path)?;
        let Some(experiment) = origin.experiment.clone() else {
            return Err(Stop::Failure(format!(
                "{} does not say which `experiment` the run is of",
                path.display()
            )));
        };
        Ok(Self {
            folder: folder.to_owned(),
            experiment,
            settings,
            origin,
            is_of_checkpoint: false,
        })
    }

    /// The run as its newest whole checkpoint has it.
    fn of_checkpoint(folder: &Path) -> Result<Option<(PathBuf, Self)>, Stop> {
        for path in candidates(folder)? {
            let read = fs::read(&path).ok();
            let kept = read.and_then(|bytes| checkpoint::read_extra::<SessionState>(&bytes).ok());
            let Some((_, kept)) = kept else {
                continue;
            };
            let run = Self {
                folder: folder.to_owned(),
                experiment: kept.experiment.clone(),
                settings: kept.settings,
                origin: Origin {
                    experiment: Some(kept.experiment),
                    version: None,
                    data_identity: Some(kept.data_identity),
                },
                is_of_checkpoint: true,
            };
            return Ok(Some((path, run)));
        }
        Ok(None)
    }

    /// The run of `experiment` in a folder, if that holds one.
    ///
    /// # Errors
    /// As [`Self::find`], and if it is of another experiment.
    pub fn read(folder: &Path, experiment: &str) -> Result<Option<Self>, Stop> {
        match Self::find(folder)? {
            Some(run) if run.experiment != experiment => Err(Stop::Failure(format!(
                "{} holds a run of `{}`, but this is `{experiment}`",
                folder.display(),
                run.experiment
            ))),
            found => Ok(found),
        }
    }

    /// The run that a folder must hold, of whatever experiment.
    ///
    /// # Errors
    /// As [`Self::find`], and if there is none.
    pub fn expect(folder: &Path) -> Result<Self, Stop> {
        Self::find(folder)?.ok_or_else(|| {
            let folder = folder.display();
            Stop::Failure(format!(
                "{folder} holds no run; give the folder that a run was saved to"
            ))
        })
    }

    /// How the run that the folder holds by now differs from this one, if it
    /// does; nothing while that cannot be told.
    ///
    /// # Errors
    /// If the settings cannot be written as JSON.
    pub fn replaced(&self) -> Result<Option<String>, Stop> {
        let Ok(now) = Self::of_config(&self.folder, &self.folder.join(CONFIG)) else {
            return Ok(None);
        };
        if self.experiment != now.experiment {
            let (held, now) = (&self.experiment, now.experiment);
            return Ok(Some(format!("experiment = {now}, not {held}")));
        }
        let data = [&now, self].map(|run| run.origin.data_identity.as_ref());
        let of_data = || data_differ(data[0]?, data[1]?);
        Ok(settings_differ(&now.settings, &self.settings)?.or_else(of_data))
    }

    /// Chooses the kind of data that the run used, where `options` leave that
    /// open: whether they were published or drawn is known by now, unless they
    /// are some of each.
    pub fn choose_data(&self, options: &mut DataOptions) {
        let data = self.origin.data_identity.as_ref();
        match data.filter(|_| options.data == DataChoice::Auto) {
            Some(data) if data.real => options.data = DataChoice::Real,
            Some(data) if data.files.is_empty() => options.data = DataChoice::Drawn,
            _ => {}
        }
    }

    /// The outcome of the run, if it came to its end.
    ///
    /// # Errors
    /// A sentence, if the summary in its folder is broken or another run's.
    /// The run is unfinished then: its newest checkpoint brings all back.
    pub fn outcome(&self) -> Result<Option<Summary>, String> {
        if !self.folder.join(SUMMARY).exists() {
            return Ok(None);
        }
        let summary = Summary::read(&self.folder).map_err(|e| e.to_string())?;
        if !summary.finished {
            return Ok(None);
        }
        match self.differs(&summary) {
            Some(difference) => Err(format!(
                "{} is of a run with {difference}",
                self.folder.join(SUMMARY).display()
            )),
            None => Ok(Some(summary)),
        }
    }

    /// As [`Self::outcome`], which a warning says where it fails.
    pub fn outcome_or_warning(&self) -> Option<Summary> {
        self.outcome().unwrap_or_else(|sentence| {
            say(&format!(
                "warning: {sentence}; the run is taken for unfinished"
            ));
            None
        })
    }

    /// What a finished run's summary has otherwise than this run.
    fn differs(&self, summary: &Summary) -> Option<String> {
        let method = self.settings.router.method.to_string();
        let steps = self.settings.steps.unwrap_or_default();
        let steps = steps.saturating_mul(summary.tasks.len() as u64);
        let named = [
            ("experiment", &summary.experiment, &self.experiment),
            ("router.method", &summary.method, &method),
        ];
        let numbers = [
            ("seed", summary.seed, self.settings.seed),
            ("total_task_steps", summary.total_task_steps, steps),
            ("global_step", summary.global_step, steps),
        ];
        let named = named.map(|(name, held, now)| (name, held.clone(), now.clone()));
        let numbers = numbers.map(|(name, held, now)| (name, held.to_string(), now.to_string()));
        let mut all = named.into_iter().chain(numbers);
        let other = all.find(|(_, held, now)| held != now);
        let of_data = || data_differ(&summary.data, self.origin.data_identity.as_ref()?);
        other
            .map(|(name, held, now)| format!("{name} = {held}, not {now}"))
            .or_else(of_data)
    }
}
