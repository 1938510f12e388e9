//! `network.json` of a run directory, as a plan.

use std::path::Path;

use paramalloc_core::network::plan::Plan;
use paramalloc_core::network::{Network, TaskHead};
use paramalloc_core::summary::Summary;
use paramalloc_core::train::Usage;
use serde_json::Value;

use crate::Error;

/// The newest format of `network.json` that this crate reads.
const FORMAT: u64 = 1;

/// The plan of the network of a run whose `config.json` is `config`.
///
/// # Errors
/// If the run has no `network.json`, as in version 0.1, or one that cannot be
/// read, `config` does not say the outputs of the tasks, or a layer is of the
/// program's own.
pub fn plan(directory: &Path, config: &Value) -> Result<Plan, Error> {
    let (network, heads) = network_and_heads(directory, config)?;
    Plan::new(&network, &heads).map_err(|source| Error::Network {
        path: directory.join("network.json"),
        source: Box::new(source),
    })
}

/// The network of a run, and the head of each task.
///
/// # Errors
/// As [`plan`], but for what does not fit together.
pub(crate) fn network_and_heads(
    directory: &Path,
    config: &Value,
) -> Result<(Network, Vec<TaskHead>), Error> {
    let network = read(&directory.join("network.json"))?;
    let heads = heads(config).ok_or_else(|| Error::NoTasks {
        path: directory.join("config.json"),
    })?;
    Ok((network, heads))
}

/// The network of a file. Layers of a user's own are only named in it.
fn read(path: &Path) -> Result<Network, Error> {
    let mut content = value(path)?;
    let network = content.get_mut("network").map(Value::take);
    serde_json::from_value(network.unwrap_or_default()).map_err(|error| Error::Settings {
        path: path.to_owned(),
        source: error.into(),
    })
}

/// The JSON of a file `network.json`.
///
/// # Errors
/// If it is not there, cannot be read or is of a newer format.
pub(crate) fn value(path: &Path) -> Result<Value, Error> {
    if !path.exists() {
        return Err(Error::NoNetwork {
            path: path.to_owned(),
        });
    }
    crate::settings::read_json(path, FORMAT)
}

/// The head of each task, as `config.json` has them.
fn heads(config: &Value) -> Option<Vec<TaskHead>> {
    let tasks = config.get("tasks").and_then(Value::as_array)?;
    let head = |task: &Value| {
        let outputs = usize::try_from(task.get("outputs")?.as_u64()?).ok()?;
        let loss = task.get("loss").cloned();
        let loss = loss.map(serde_json::from_value).transpose().ok()?;
        Some(TaskHead::new(outputs).loss(loss))
    };
    tasks.iter().map(head).collect()
}

/// What each task uses of the fields of the network, by the allocation of the
/// run; `None` if the two do not fit.
pub fn usages(plan: &Plan, summary: &Summary) -> Option<Vec<Usage>> {
    let allocation = summary.allocation_rows();
    let components: usize = plan.routed().map(|field| field.components.len()).sum();
    let fits = summary.tasks.len() == plan.heads.len();
    if !fits || allocation.iter().any(|row| row.len() != components) {
        return None;
    }
    let usages = allocation.iter().map(|row| {
        let weights: Vec<f32> = row.iter().map(|&used| f32::from(used)).collect();
        Usage::active(plan, &weights)
    });
    Some(usages.collect())
}
