//! Settings from three places: the experiment's defaults, a `--config` file
//! over them, the flags over both.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::arguments::flags::Flags;
use crate::run_dir::config::Origin;
use crate::settings::Settings;
use crate::stop::Stop;

/// The table that holds each setting that is in one; the others are at the
/// top.
const TABLES: [(&str, &[&str]); 3] = [
    (
        "router",
        &[
            "method",
            "probs_init",
            "temperature_init",
            "temperature_min",
        ],
    ),
    (
        "penalties",
        &[
            "budget",
            "budget_penalty",
            "connection_penalty",
            "disconnect_penalty",
            "entropy_penalty",
            "entropy_penalty_alpha",
            "l2_penalty",
        ],
    ),
    (
        "adam",
        &[
            "learning_rate",
            "router_learning_rate",
            "betas",
            "epsilon",
            "clip_norm",
        ],
    ),
];

/// What [`merge`] gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// The settings.
    pub settings: Settings,
    /// What the config file says about the run it is of, if it does.
    pub origin: Origin,
}

/// The settings of a run.
///
/// # Errors
/// A sentence naming the file or the flag, and what is wrong.
pub fn merge(defaults: &Settings, file: Option<&Path>, flags: &Flags) -> Result<Merged, Stop> {
    let mut merged = serde_json::to_value(defaults).map_err(Stop::failure)?;
    let mut origin = Origin::default();
    if let Some(path) = file {
        // What the user wrote there is like what they wrote in a flag.
        let wrong = |sentence: String| Stop::Usage(in_file(path, &sentence));
        let mut content = parse(path, &read(path)?).map_err(wrong)?;
        origin = take_origin(&mut content).map_err(wrong)?;
        overlay(&mut merged, Value::Object(content));
        // By itself first, so that a mistake is known to be the file's.
        settings(&merged).map_err(wrong)?;
    }
    let typed = flags_as_settings(flags)?;
    overlay(&mut merged, typed);
    let settings = settings(&merged).map_err(Stop::Usage)?;
    Ok(Merged { settings, origin })
}

/// The settings in the `config.json` of a run, and what it says of the run.
///
/// # Errors
/// A sentence naming the file, if it cannot be read or is broken.
pub fn record(path: &Path) -> Result<(Settings, Origin), Stop> {
    let broken = |sentence: String| Stop::Failure(in_file(path, &sentence));
    let mut content = parse(path, &read(path)?).map_err(broken)?;
    let origin = take_origin(&mut content).map_err(broken)?;
    let settings: Settings = typed(&Value::Object(content)).map_err(broken)?;
    match settings.steps {
        None => Err(broken("`steps` is missing".to_owned())),
        Some(_) => Ok((settings, origin)),
    }
}

/// The default of a flag, if it is a plain one.
pub fn default_of(defaults: &Settings, name: &str) -> Option<Value> {
    let all = serde_json::to_value(defaults).ok()?;
    let holder = match table_of(name) {
        Some(table) => all.get(table)?,
        None => &all,
    };
    holder.get(name).cloned()
}

fn table_of(name: &str) -> Option<&'static str> {
    let mut tables = TABLES.iter();
    let found = tables.find(|(_, names)| names.contains(&name))?;
    Some(found.0)
}

fn in_file(path: &Path, sentence: &str) -> String {
    format!("{}: {sentence}", path.display())
}

fn read(path: &Path) -> Result<String, Stop> {
    std::fs::read_to_string(path).map_err(|e| {
        let path = path.display();
        Stop::Failure(format!("cannot read the config file {path}: {e}"))
    })
}

fn parse(path: &Path, text: &str) -> Result<Map<String, Value>, String> {
    let is_json = path.extension().is_some_and(|e| e == "json");
    match is_json {
        true => serde_json::from_str(text).map_err(|e| e.to_string()),
        false => toml::from_str(text).map_err(|e| toml_sentence(text, &e)),
    }
}

fn toml_sentence(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().replace('\n', "; ");
    match error.span() {
        Some(span) => {
            let before = text.get(..span.start).unwrap_or_default();
            format!("line {}: {message}", before.matches('\n').count() + 1)
        }
        None => message,
    }
}

/// Takes out what is no setting.
fn take_origin(content: &mut Map<String, Value>) -> Result<Origin, String> {
    let mut taken = Map::new();
    for name in ["experiment", "version", "data_identity"] {
        if let Some(value) = content.remove(name) {
            taken.insert(name.to_owned(), value);
        }
    }
    if content.contains_key("epochs") && content.contains_key("steps") {
        return Err("it gives both `epochs` and `steps`; remove one of them".to_owned());
    }
    typed(&Value::Object(taken))
}

/// Lays `over` on `base`: tables entry by entry, all else as a whole.
fn overlay(base: &mut Value, over: Value) {
    let (Value::Object(base), Value::Object(over)) = (base, over) else {
        return;
    };
    // Either says how long to train, so it takes the place of the other.
    for (one, other) in [("epochs", "steps"), ("steps", "epochs")] {
        if over.contains_key(one) {
            base.remove(other);
        }
    }
    for (name, value) in over {
        match base.get_mut(&name) {
            Some(held @ Value::Object(_)) if value.is_object() => overlay(held, value),
            _ => {
                base.insert(name, value);
            }
        }
    }
}

/// The flags that are given, each in its table.
fn flags_as_settings(flags: &Flags) -> Result<Value, Stop> {
    let all = serde_json::to_value(flags)
        .map_err(|e| Stop::Usage(format!("a flag cannot be written to config.json: {e}")))?;
    let mut settings = Map::new();
    let Value::Object(all) = all else {
        return Ok(Value::Object(settings));
    };
    for (name, value) in all.into_iter().filter(|(_, value)| !value.is_null()) {
        let Some(table) = table_of(&name) else {
            settings.insert(name, value);
            continue;
        };
        let held = settings.entry(table).or_insert_with(|| Map::new().into());
        if let Value::Object(held) = held {
            held.insert(name, value);
        }
    }
    Ok(Value::Object(settings))
}

/// The experiment's own options among the settings.
///
/// # Errors
/// A sentence naming the option.
pub fn options<O: DeserializeOwned>(settings: &Settings) -> Result<O, Stop> {
    let held = Value::Object(settings.options.clone());
    typed(&held).map_err(|sentence| Stop::Usage(format!("[options]: {sentence}")))
}

fn settings(value: &Value) -> Result<Settings, String> {
    typed(value)
}

/// Reads `value`, or says which entry is wrong.
fn typed<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let name = path.rsplit('.').next().unwrap_or_default();
        let hint = match table_of(name) {
            Some(table) if path == name => format!("; write it under [{table}]"),
            _ => String::new(),
        };
        format!("`{path}`: {}{hint}", error.inner())
    })
}
