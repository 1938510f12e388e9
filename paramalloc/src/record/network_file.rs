//! `network.json`: the network of a run.

use std::borrow::Cow;
use std::io::ErrorKind;
use std::path::Path;

use paramalloc_core::network::Network;
use paramalloc_core::summary::read_text;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::ConfigError;

/// The format of `network.json` that this program writes, and the newest that
/// it reads.
pub const FORMAT: u32 = 1;

/// `network.json`: the network of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NetworkFile<'a> {
    /// The format, [`FORMAT`].
    pub format: u32,
    /// The network. Layers of a user's own are named; they are not in it.
    pub network: Cow<'a, Network>,
}

impl<'a> NetworkFile<'a> {
    /// The file of a network.
    pub fn new(network: &'a Network) -> Self {
        Self {
            format: FORMAT,
            network: Cow::Borrowed(network),
        }
    }
}

/// The network in the file at `path`. Layers of a user's own are only named in
/// it.
///
/// # Errors
/// If the file is missing, broken or of a newer format.
pub fn read(path: &Path) -> Result<Network, ConfigError> {
    let text = read_text(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => ConfigError::Missing,
        _ => ConfigError::Read(error),
    })?;
    // A newer format may have other entries, so its number is read alone.
    let content: Value = serde_json::from_str(&text).map_err(ConfigError::Json)?;
    let format = content.get("format").and_then(Value::as_u64);
    let format = format.ok_or(ConfigError::NoEntry("format"))?;
    if format > u64::from(FORMAT) {
        return Err(ConfigError::NewerFormat {
            found: format,
            supported: FORMAT,
        });
    }
    let file: NetworkFile<'_> = serde_json::from_value(content).map_err(ConfigError::Json)?;
    Ok(file.network.into_owned())
}
