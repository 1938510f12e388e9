//! `table.json`: what a run made of its table.

use paramalloc_core::network::Network;
use paramalloc_core::network::shape::Dims;
use paramalloc_core::summary::{RunManifest, read_text};
use paramalloc_data::table::{Feature, TABLE_FORMAT, TableRecord, TargetColumn, TargetInfo};
use serde_json::Value;

use crate::error::{ConfigError, Error};
use crate::record::run_record::RunRecord;
use crate::run_dir::files::TABLE;
use crate::settings::config::TaskConfig;

/// The record of the table that a run of this network learned from, if it did.
///
/// # Errors
/// If it is changed, broken, of a newer format or of another network.
pub fn read(run: &RunRecord, network: &Network) -> Result<Option<TableRecord>, Error> {
    let path = run.path.join(TABLE);
    if RunManifest::is_changed(&run.path, TABLE) {
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
        if found > u64::from(TABLE_FORMAT) {
            return Err(ConfigError::NewerFormat {
                found,
                supported: TABLE_FORMAT,
            });
        }
        let record: TableRecord = serde_json::from_value(content).map_err(ConfigError::Json)?;
        check(&record, network, &run.config.tasks).map(|()| record)
    };
    let record = read().map(Some);
    record.map_err(|source| Error::Record { path, source })
}

/// Whether this is the table of a network and its tasks: what reads the record later
/// takes that for granted.
fn check(record: &TableRecord, network: &Network, tasks: &[TaskConfig]) -> Result<(), ConfigError> {
    if let Some(images) = &record.images {
        let channels = images.input.channels;
        if !images.normalization.is_of(channels) {
            return Err(ConfigError::Standardization { channels });
        }
    }
    if let Some(feature) = record.features.iter().find(|feature| !feature.is_sound()) {
        return Err(ConfigError::Encoding {
            feature: feature.name.clone(),
        });
    }
    // Widths of features that add up to more than there is memory for are others, too.
    let width = |width: usize, feature: &Feature| width.checked_add(feature.width());
    let features = || record.features.iter().try_fold(0, width);
    let input = match &record.images {
        Some(images) => Some(images.input),
        None => features().map(Dims::features),
    };
    if input != Some(network.input) {
        return Err(ConfigError::OtherInput {
            expected: network.input,
        });
    }
    let outputs = |target: &TargetInfo| match target.kind {
        TargetColumn::Classes => target.classes.len(),
        _ => 1,
    };
    let targets = record.targets.iter().map(outputs);
    match targets.eq(tasks.iter().map(|task| task.outputs)) {
        true => Ok(()),
        false => Err(ConfigError::OtherTargets),
    }
}
