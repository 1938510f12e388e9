//! A run as it is compared.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use paramalloc_core::summary::Summary;
use serde_json::Value;

use super::cost::Cost;
use crate::run::{Omission, changed};
use crate::settings::{FORMAT, changes_results, read_json};
use crate::{Error, stored_network};

/// Entries of `config.json` by which two runs may differ and still be of one
/// group, besides the settings that change no result.
const NOT_SETTINGS: [&str; 7] = [
    "format",
    "version",
    "program",
    "seed",
    "log_every",
    "eval_every",
    // It follows from `normalize` and the data.
    "normalization",
];

/// A run and where it was read from.
pub(super) struct Read {
    pub directory: PathBuf,
    pub summary: Summary,
    /// `config.json`.
    pub config: Value,
    /// `network.json`, which version 0.1 did not write.
    pub network: Option<Value>,
    /// Settings that change results, by their paths.
    pub settings: BTreeMap<String, Value>,
    /// What the run needs.
    pub cost: Cost,
}

/// The finished run in a directory.
///
/// # Errors
/// If it holds none, or one of its files was changed or cannot be read.
pub(super) fn read(directory: &Path) -> Result<Read, Error> {
    let summary = Summary::read(directory)?;
    if let Some(Omission::Changed { path }) = changed(directory, &["summary.json"]).pop() {
        return Err(Error::Changed { path });
    }
    if !summary.finished {
        return Err(Error::Unfinished {
            path: directory.to_owned(),
            step: summary.global_step,
            total_steps: summary.total_task_steps,
        });
    }
    let config = read_json(&directory.join("config.json"), u64::from(FORMAT))?;
    let network = match stored_network::value(&directory.join("network.json")) {
        Ok(network) => Some(network),
        Err(Error::NoNetwork { .. }) => None,
        Err(error) => return Err(error),
    };
    let mut settings = BTreeMap::new();
    flatten("", &without_groups(config.clone()), &mut settings);
    settings.retain(|path, _| {
        let name = last(path);
        changes_results(name) && !NOT_SETTINGS.contains(&name)
    });
    Ok(Read {
        cost: Cost::read(directory, &config, &summary),
        directory: directory.to_owned(),
        summary,
        config,
        network,
        settings,
    })
}

/// Groups of tasks change no result, and runs of old did not store them.
fn without_groups(mut config: Value) -> Value {
    let tasks = config.get_mut("tasks").and_then(Value::as_array_mut);
    for task in tasks.into_iter().flatten() {
        task.as_object_mut().map(|task| task.remove("group"));
    }
    config
}

/// The leaves of nested tables by their paths.
fn flatten(path: &str, value: &Value, leaves: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(table) => {
            for (name, value) in table {
                let path = match path {
                    "" => name.clone(),
                    path => format!("{path}.{name}"),
                };
                flatten(&path, value, leaves);
            }
        }
        leaf => {
            leaves.insert(path.to_owned(), leaf.clone());
        }
    }
}

/// The last name of a path of settings.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}
