//! How the settings and the data of two runs differ.

use std::fmt;

use paramalloc_core::summary::DataIdentity;
use paramalloc_plot::settings::changes_results;
use serde_json::Value;

use super::run_settings::Settings;

/// A setting that two runs have otherwise: `seed = 3, not 4`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its name, `router.method` for example.
    pub name: String,
    stored: String,
    now: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}, not {}", self.name, self.stored, self.now)
    }
}

/// What `stored` has otherwise than `now`, among the settings that change
/// results.
///
/// # Errors
/// If the settings cannot be written as JSON.
pub fn differences(stored: &Settings, now: &Settings) -> serde_json::Result<Vec<Difference>> {
    let (stored, now) = (comparable(stored)?, comparable(now)?);
    let mut found = Vec::new();
    compare("", Some(&stored), Some(&now), &mut found);
    Ok(found)
}

/// `learning_rate = 0.005, not 0.01; seed = 3, not 4`, if anything
/// differs; see [`differences`].
///
/// # Errors
/// If the settings cannot be written as JSON.
pub fn settings_differ(stored: &Settings, now: &Settings) -> serde_json::Result<Option<String>> {
    let all = differences(stored, now)?;
    let all: Vec<String> = all.iter().map(Difference::to_string).collect();
    Ok(Some(all.join("; ")).filter(|text| !text.is_empty()))
}

/// The settings that change results.
///
/// # Errors
/// If they cannot be written as JSON.
pub fn comparable(settings: &Settings) -> serde_json::Result<Value> {
    let mut value = serde_json::to_value(settings)?;
    if let Value::Object(entries) = &mut value {
        entries.retain(|name, _| changes_results(name));
        // What nobody has chosen.
        let batches = entries.entry("batches");
        batches.or_insert_with(|| "alternating".into());
        if entries.contains_key("steps") {
            // Read from JSON they have their default, which is not used.
            entries.remove("epochs");
            entries.remove("min_steps");
        }
    }
    Ok(value)
}

fn compare(path: &str, stored: Option<&Value>, now: Option<&Value>, found: &mut Vec<Difference>) {
    if stored == now {
        return;
    }
    if let (Some(Value::Object(a)), Some(Value::Object(b))) = (stored, now) {
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
        stored: text(stored),
        now: text(now),
    });
}

/// How the data of a run differ from others, if they do.
pub fn data_differ(stored: &DataIdentity, now: &DataIdentity) -> Option<String> {
    if stored == now {
        return None;
    }
    if (stored.name != now.name) || (stored.real != now.real) {
        return Some(format!("data = {}, not {}", stored.name, now.name));
    }
    let mut names = stored.files.keys().chain(now.files.keys());
    let file = names.find(|name| stored.files.get(*name) != now.files.get(*name))?;
    let how = match (
        stored.files.contains_key(file),
        now.files.contains_key(file),
    ) {
        (true, true) => "has other content",
        (true, false) => "is not there",
        _ => "is new",
    };
    Some(format!("data file {file} {how}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_named_by_field() {
        let stored = Settings::default();
        let mut now = Settings {
            threads: Some(7),
            checkpoint_every: Some(1),
            keep_checkpoints: 9,
            ..Settings::default()
        };
        assert_eq!(settings_differ(&stored, &now).unwrap(), None);
        now.seed = 4;
        now.learning_rate = 0.25;
        now.steps = Some(3);
        let differences = settings_differ(&stored, &now).unwrap().unwrap();
        assert!(differences.contains("learning_rate = "), "{differences}");
        assert!(differences.contains(", not 0.25; "), "{differences}");
        assert!(differences.contains("seed = 0, not 4"), "{differences}");
        assert!(
            differences.contains("steps = (none), not 3"),
            "{differences}"
        );
    }
}
