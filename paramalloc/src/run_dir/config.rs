//! `config.json`: what a run was started with.

use paramalloc_core::summary::DataIdentity;
use serde::{Deserialize, Serialize};

use crate::settings::Settings;

/// `config.json`: the settings of a run as resolved, and what they were used
/// for. `--config` reads it too.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record<'a> {
    /// Name of the experiment.
    pub experiment: &'a str,
    /// Version of the program.
    pub version: &'a str,
    /// The data of the run.
    pub data_identity: &'a DataIdentity,
    /// The settings.
    #[serde(flatten)]
    pub settings: &'a Settings,
}

/// The fields of [`Record`] that are no settings.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Origin {
    /// Name of the experiment.
    pub experiment: Option<String>,
    /// Version of the program.
    pub version: Option<String>,
    /// The data of the run.
    pub data_identity: Option<DataIdentity>,
}
