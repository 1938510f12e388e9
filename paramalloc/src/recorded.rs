//! What `config.json` says of a run, and how settings differ from it.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use paramalloc_core::summary::{DataIdentity, Summary};
use paramalloc_core::train::checkpoint;
use serde_json::Value;

use super::checkpoints::Kept;
use super::config::{Origin, Settings};
use super::folder::{self, CONFIG, SUMMARY};
use super::merge;
use super::report::say;
use super::resume::candidates;
use super::stop::Stop;
use paramalloc_data::{DataChoice, DataOptions};
use paramalloc_plot::settings::changes_results;

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
        } else if folder::holds_files(folder) {
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
            let kept = read.and_then(|bytes| checkpoint::read_extra::<Kept>(&bytes).ok());
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

/// A setting that two runs have otherwise: `seed = 3, not 4`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its name, `adam.learning_rate` for example.
    pub name: String,
    held: String,
    now: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}, not {}", self.name, self.held, self.now)
    }
}

/// What `held` has otherwise than `now`, among the settings that change
/// results.
///
/// # Errors
/// If the settings cannot be written as JSON.
pub fn differences(held: &Settings, now: &Settings) -> Result<Vec<Difference>, Stop> {
    let (held, now) = (comparable(held)?, comparable(now)?);
    let mut found = Vec::new();
    compare("", Some(&held), Some(&now), &mut found);
    Ok(found)
}

/// `adam.learning_rate = 0.005, not 0.01; seed = 3, not 4`, if anything
/// differs; see [`differences`].
///
/// # Errors
/// If the settings cannot be written as JSON.
pub fn settings_differ(held: &Settings, now: &Settings) -> Result<Option<String>, Stop> {
    let all = differences(held, now)?;
    let all: Vec<String> = all.iter().map(Difference::to_string).collect();
    Ok(Some(all.join("; ")).filter(|text| !text.is_empty()))
}

/// The settings that change results.
///
/// # Errors
/// If they cannot be written as JSON.
pub fn comparable(settings: &Settings) -> Result<Value, Stop> {
    let mut value = serde_json::to_value(settings).map_err(Stop::failure)?;
    if let Value::Object(entries) = &mut value {
        entries.retain(|name, _| changes_results(name));
        if entries.contains_key("steps") {
            // Read from JSON they have their default, which is not used.
            entries.remove("epochs");
        }
    }
    Ok(value)
}

fn compare(path: &str, held: Option<&Value>, now: Option<&Value>, found: &mut Vec<Difference>) {
    if held == now {
        return;
    }
    if let (Some(Value::Object(a)), Some(Value::Object(b))) = (held, now) {
        let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for name in names {
            let path = match path {
                "" => name.clone(),
                path => format!("{path}.{name}"),
            };
            compare(&path, a.get(name), b.get(name), found);
        }
        return;
    }
    let text = |value: Option<&Value>| value.map_or("(none)".to_owned(), Value::to_string);
    found.push(Difference {
        name: path.to_owned(),
        held: text(held),
        now: text(now),
    });
}

/// How the data of a run differ from others, if they do.
pub fn data_differ(held: &DataIdentity, now: &DataIdentity) -> Option<String> {
    if held == now {
        return None;
    }
    if (held.name != now.name) || (held.real != now.real) {
        return Some(format!("data = {}, not {}", held.name, now.name));
    }
    let mut names = held.files.keys().chain(now.files.keys());
    let file = names.find(|name| held.files.get(*name) != now.files.get(*name))?;
    let how = match (held.files.contains_key(file), now.files.contains_key(file)) {
        (true, true) => "has other content",
        (true, false) => "is not there",
        _ => "is new",
    };
    Some(format!("data file {file} {how}"))
}

/// Data that are not those of the run in `folder`, by [`data_differ`].
pub fn other_data(folder: &Path, difference: &str) -> Stop {
    Stop::Failure(format!(
        "{difference}: the run in {} was trained on other data; put them back, or name the folder with its data: --data-dir DIR",
        folder.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_named_by_field() {
        let held = Settings::default();
        let mut now = Settings {
            threads: Some(7),
            checkpoint_every: Some(1),
            keep_checkpoints: 9,
            ..Settings::default()
        };
        assert_eq!(settings_differ(&held, &now).unwrap(), None);
        now.seed = 4;
        now.adam.learning_rate = 0.25;
        now.steps = Some(3);
        let differences = settings_differ(&held, &now).unwrap().unwrap();
        assert!(
            differences.contains("adam.learning_rate = "),
            "{differences}"
        );
        assert!(differences.contains(", not 0.25; "), "{differences}");
        assert!(differences.contains("seed = 0, not 4"), "{differences}");
        assert!(
            differences.contains("steps = (none), not 3"),
            "{differences}"
        );
    }
}
