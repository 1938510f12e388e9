//! What a file of settings says about a run that it is of.

use paramalloc_core::summary::DataIdentity;
use serde::Deserialize;

/// The entries of `config.json` that are no settings, as far as a file of
/// settings has them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Format of the file.
    pub format: Option<u32>,
    /// Name of the experiment.
    pub experiment: Option<String>,
    /// Version of the program.
    pub version: Option<String>,
    /// How the program is called.
    pub program: Option<String>,
    /// The data of the run.
    pub data_identity: Option<DataIdentity>,
}

impl Origin {
    /// Names of the entries.
    pub const NAMES: [&'static str; 5] = [
        "format",
        "experiment",
        "version",
        "program",
        "data_identity",
    ];
}
