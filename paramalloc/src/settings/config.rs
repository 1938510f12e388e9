//! `config.json`: what a run was started with.

use std::io::ErrorKind;
use std::path::Path;

use paramalloc_core::summary::{DataIdentity, read_text};
use paramalloc_data::Normalization;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::merge::{split_origin, typed};
use super::origin::Origin;

pub use super::origin::{Addition, SourceConfig, TaskConfig};
use super::run_settings::Settings;
use crate::error::ConfigError;

/// The format of `config.json` that this program writes, and the newest that
/// it reads. Version 0.1 wrote none.
pub const FORMAT: u32 = 1;

/// `config.json`: the settings of a run as resolved, and what they were used
/// for. `--config` reads it too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct RunConfig {
    /// The format, [`FORMAT`].
    pub format: u32,
    /// Name of the experiment.
    pub experiment: String,
    /// Version of the program.
    pub version: String,
    /// How the program is called, as a shell takes it.
    pub program: String,
    /// Where the tasks come from.
    pub source: SourceConfig,
    /// The data of the run.
    pub data_identity: DataIdentity,
    /// The tasks, in order.
    pub tasks: Vec<TaskConfig>,
    /// What the program adds of its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additions: Vec<Addition>,
    /// How images are normalized, if they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub normalization: Option<Normalization>,
    /// The settings.
    #[serde(flatten)]
    pub settings: Settings,
}

impl RunConfig {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// If it is missing, broken, of a newer format or of version 0.1.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = read_text(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => ConfigError::Missing,
            _ => ConfigError::Read(error),
        })?;
        let content: Map<String, Value> = serde_json::from_str(&text).map_err(ConfigError::Json)?;
        content.try_into()
    }
}

impl TryFrom<Map<String, Value>> for RunConfig {
    type Error = ConfigError;

    fn try_from(content: Map<String, Value>) -> Result<Self, ConfigError> {
        // A newer format may have other entries, so its number is read alone.
        let format = match content.get("format") {
            None if content.contains_key("version") => return Err(ConfigError::Version01),
            None => return Err(ConfigError::NoEntry("format")),
            Some(format) => typed::<u64>(format)?,
        };
        if format > u64::from(FORMAT) {
            return Err(ConfigError::NewerFormat {
                found: format,
                supported: FORMAT,
            });
        }
        let (settings, origin) = split_origin(content)?;
        let mut settings: Settings = typed(&Value::Object(settings))?;
        // Absent, it has its default, which is not used.
        (settings.epochs, settings.min_steps) = (None, None);
        if settings.steps.is_none() {
            return Err(ConfigError::NoEntry("steps"));
        }
        let Origin {
            experiment,
            version,
            program,
            source,
            data_identity,
            tasks,
            additions,
            normalization,
            ..
        } = origin;
        Ok(Self {
            format: FORMAT,
            experiment: experiment.ok_or(ConfigError::NoEntry("experiment"))?,
            version: version.ok_or(ConfigError::NoEntry("version"))?,
            program: program.ok_or(ConfigError::NoEntry("program"))?,
            source: source.ok_or(ConfigError::NoEntry("source"))?,
            data_identity: data_identity.ok_or(ConfigError::NoEntry("data_identity"))?,
            tasks: tasks.ok_or(ConfigError::NoEntry("tasks"))?,
            additions: additions.unwrap_or_default(),
            normalization,
            settings,
        })
    }
}
