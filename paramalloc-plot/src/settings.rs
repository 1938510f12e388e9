//! The settings of a run, its `config.json`, and which of them matter for its
//! results.

use std::io;
use std::path::Path;

use serde_json::Value;

use crate::Error;

/// The newest format of `config.json` that this crate reads. Version 0.1 wrote
/// no format.
pub const FORMAT: u32 = 1;

/// Settings that change no result: threads, checkpoints, and where the data
/// are looked for, whose identity is compared by itself.
const WITHOUT_EFFECT: [&str; 6] = [
    "threads",
    "log",
    "checkpoint_every",
    "keep_checkpoints",
    "data",
    "data_dir",
];

/// Whether a run's results depend on the setting of this name, `seed` for
/// example. They do on every one but those of threads, checkpoints and where
/// data are looked for.
pub fn changes_results(name: &str) -> bool {
    !WITHOUT_EFFECT.contains(&name)
}

/// The JSON of a file of a run whose `format`, if it has one, is at most
/// `supported`: a newer format may have other entries.
///
/// # Errors
/// If it cannot be read, or its format is newer.
pub(crate) fn read_json(path: &Path, supported: u64) -> Result<Value, Error> {
    let text = paramalloc_core::summary::read_text(path);
    let value = text.and_then(|text| serde_json::from_str(&text).map_err(io::Error::from));
    let value: Value = value.map_err(|source| Error::Settings {
        path: path.to_owned(),
        source,
    })?;
    match value.get("format").and_then(Value::as_u64) {
        Some(found) if found > supported => Err(Error::NewerSettings {
            path: path.to_owned(),
            found,
        }),
        _ => Ok(value),
    }
}

/// The budget of a run as a share of the components, if it has a penalty for more. A
/// budget of parameters or multiply-adds limits something else.
pub(crate) fn budget(directory: &Path) -> Option<f64> {
    let config = read_json(&directory.join("config.json"), u64::from(FORMAT)).ok()?;
    let penalty = |name: &str| config.get("penalties")?.get(name)?.as_f64();
    let is_of_components = config.pointer("/penalties/budget_unit").is_none();
    let is_penalized = penalty("budget_penalty").is_some_and(|weight| weight > 0.0);
    penalty("budget").filter(|_| is_penalized && is_of_components)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_change_no_result_and_the_seed_does() {
        assert!(!changes_results("threads"));
        assert!(changes_results("seed"));
    }
}
