//! `table.json`: what a run made of its table.

use std::path::Path;

use paramalloc_core::summary::{RunManifest, read_text};
use paramalloc_data::table::{TABLE_FORMAT, TableRecord};
use serde_json::Value;

use crate::error::{ConfigError, Error};
use crate::run_dir::files::TABLE;

/// The record of the table that the run in this directory learned from, if it did.
///
/// # Errors
/// If it is changed, broken or of a newer format.
pub fn read(run: &Path) -> Result<Option<TableRecord>, Error> {
    let path = run.join(TABLE);
    if RunManifest::is_changed(run, TABLE) {
        return Err(Error::Changed { path });
    }
    if !path.exists() {
        return Ok(None);
    }
    let read = || -> Result<TableRecord, ConfigError> {
        let text = read_text(&path).map_err(ConfigError::Read)?;
        // A newer format may have other entries, so its number is read alone.
        let content: Value = serde_json::from_str(&text).map_err(ConfigError::Json)?;
        let format = content.get("format").and_then(Value::as_u64);
        let found = format.ok_or(ConfigError::NoEntry("format"))?;
        match found > u64::from(TABLE_FORMAT) {
            true => Err(ConfigError::NewerFormat {
                found,
                supported: TABLE_FORMAT,
            }),
            false => serde_json::from_value(content).map_err(ConfigError::Json),
        }
    };
    let record = read().map(Some);
    record.map_err(|source| Error::Record { path, source })
}
