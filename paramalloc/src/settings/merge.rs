//! Settings from three places: the experiment's defaults, a `--config` file
//! over them, the flags over both.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use paramalloc_core::engine::cpu::Convolution;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::choices::{self, CHOICES};
use super::origin::Origin;
use super::run_settings::Settings;
use crate::arguments::flags::Flags;
use crate::error::{ConfigError, Error};

/// The table that holds each setting that is in one; the others are at the
/// top.
const TABLES: [(&str, &[&str]); 4] = [
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
            "budget_unit",
            "connection_penalty",
            "disconnect_penalty",
            "entropy_penalty",
            "entropy_penalty_alpha",
            "l2_penalty",
        ],
    ),
    (
        "optimizer",
        &["betas", "epsilon", "momentum", "nesterov", "weight_decay"],
    ),
    ("schedule", &["at", "factor", "minimum", "warm_up"]),
];

/// The most bytes of a file of settings: the `config.json` of a run on thousands of
/// tasks fits well.
const LONGEST: u64 = 64 << 20;

/// What [`merge`] gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// The settings.
    pub settings: Settings,
    /// What the config file says about the run it is of, if it does.
    pub origin: Origin,
}

/// The settings of a run: `defaults`, `file` over them, `flags` over both.
///
/// # Errors
/// [`Error::ConfigFile`] and [`Error::ReadConfigFile`] about the file,
/// [`Error::Options`] and [`Error::Choice`] about a flag.
pub fn merge(defaults: &Settings, file: Option<&Path>, flags: &Flags) -> Result<Merged, Error> {
    let mut merged = serde_json::to_value(defaults).map_err(Error::json("the settings"))?;
    let mut origin = Origin::default();
    if let Some(path) = file {
        // By itself first, so that an error is known to be the file's.
        (_, origin) = lay_file(&mut merged, path)?;
    }
    let Value::Object(mut flags) = serde_json::to_value(flags).map_err(Error::json("the flags"))?
    else {
        return Err(Error::OptionsNotAStruct);
    };
    let of_choices = choices::take(&mut flags);
    overlay(&mut merged, as_settings(flags));
    choices::lay(&mut merged, &of_choices)?;
    let settings = typed(&merged).map_err(Error::Options)?;
    Ok(Merged { settings, origin })
}

impl Settings {
    /// These settings with those of a file laid over them, as `--config` does: TOML, or
    /// the `config.json` of a run. The ranges of numbers are checked when a run begins,
    /// where the data are known.
    ///
    /// # Errors
    /// [`Error::ReadConfigFile`] if the file cannot be read or has more than 64 MiB,
    /// [`Error::ConfigFile`] with the entry that is wrong.
    pub fn with_file(&self, path: impl AsRef<Path>) -> Result<Self, Error> {
        let mut merged = serde_json::to_value(self).map_err(Error::json("the settings"))?;
        lay_file(&mut merged, path.as_ref()).map(|(settings, _)| settings)
    }
}

/// Lays what a config file says over `settings`; gives the result, and what the file
/// says about the run that it is of.
fn lay_file(settings: &mut Value, path: &Path) -> Result<(Settings, Origin), Error> {
    let text = read_at_most(path).map_err(|source| Error::ReadConfigFile {
        path: path.to_owned(),
        source,
    })?;
    // What the user wrote there is like what they wrote in a flag.
    let wrong = |source| Error::ConfigFile {
        path: path.to_owned(),
        source,
    };
    let (content, origin) = parse(path, &text).map_err(wrong)?;
    overlay(settings, Value::Object(content));
    Ok((typed(settings).map_err(wrong)?, origin))
}

/// The text of a file of settings, which may be a pipe, but not one without end.
fn read_at_most(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let file = File::open(path)?;
    file.take(LONGEST + 1).read_to_string(&mut text)?;
    match text.len() as u64 > LONGEST {
        false => Ok(text),
        true => Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it has more than {LONGEST} bytes"),
        )),
    }
}

/// The default of a flag, if it is a plain one.
pub fn default_of(defaults: &Settings, name: &str) -> Option<Value> {
    let all = serde_json::to_value(defaults).ok()?;
    if CHOICES.contains(&name) {
        return all.get(name)?.get("name").cloned();
    }
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

/// The settings in a config file as they are written, and what it says about
/// a run that it is of.
fn parse(path: &Path, text: &str) -> Result<(Map<String, Value>, Origin), ConfigError> {
    let is_json = path.extension().is_some_and(|e| e == "json");
    let mut content = match is_json {
        true => serde_json::from_str(text).map_err(ConfigError::Json)?,
        false => toml::from_str(text).map_err(|source| ConfigError::Toml {
            line: source.span().map(|span| line_of(text, span.start)),
            source: Box::new(source),
        })?,
    };
    choices::expand(&mut content);
    split_origin(content)
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or_default();
    before.matches('\n').count() + 1
}

/// Separates the settings from the entries that say what run the file is of
/// ([`Origin`]). A run's file without `convolution` or `batches` is from before there
/// was a choice, and means `direct` and `alternating`.
///
/// # Errors
/// If what is none has another type, or both ways to say how long to train are
/// there.
pub fn split_origin(
    mut content: Map<String, Value>,
) -> Result<(Map<String, Value>, Origin), ConfigError> {
    let mut taken = Map::new();
    for name in Origin::NAMES {
        if let Some(value) = content.remove(name) {
            taken.insert(name.to_owned(), value);
        }
    }
    if content.contains_key("epochs") && content.contains_key("steps") {
        return Err(ConfigError::EpochsAndSteps);
    }
    if taken.contains_key("version") {
        let convolution = content.entry("convolution");
        convolution.or_insert_with(|| Convolution::Direct.to_string().into());
        content
            .entry("batches")
            .or_insert_with(|| "alternating".into());
    }
    Ok((content, typed(&Value::Object(taken))?))
}

/// Lays `over` on `base`: tables entry by entry, all else as a whole.
fn overlay(base: &mut Value, over: Value) {
    let (Value::Object(base), Value::Object(over)) = (base, over) else {
        return;
    };
    // Each says how long to train, so it takes the place of the others.
    for (one, other) in [("epochs", "steps"), ("steps", "epochs")] {
        if over.contains_key(one) {
            base.remove(other);
            base.remove("min_steps");
        }
    }
    for (name, value) in over {
        match base.get_mut(&name) {
            Some(entry @ Value::Object(_))
                if value.is_object() && !is_other(&name, entry, &value) =>
            {
                overlay(entry, value);
            }
            _ => {
                base.insert(name, value);
            }
        }
    }
}

/// True if `over` chooses another optimizer, or schedule, than `base`.
fn is_other(table: &str, base: &Value, over: &Value) -> bool {
    let name = over.get("name");
    CHOICES.contains(&table) && name.is_some() && name != base.get("name")
}

/// The flags that are given, each in its table.
fn as_settings(flags: Map<String, Value>) -> Value {
    let mut settings = Map::new();
    for (name, value) in flags.into_iter().filter(|(_, value)| !value.is_null()) {
        let Some(table) = table_of(&name) else {
            settings.insert(name, value);
            continue;
        };
        let entry = settings.entry(table).or_insert_with(|| Map::new().into());
        if let Value::Object(entries) = entry {
            entries.insert(name, value);
        }
    }
    Value::Object(settings)
}

/// Reads `value`, or says which entry is wrong.
///
/// # Errors
/// [`ConfigError::Entry`].
pub fn typed<T: DeserializeOwned>(value: &Value) -> Result<T, ConfigError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let entry = error.path().to_string();
        let name = entry.rsplit('.').next().unwrap_or_default();
        ConfigError::Entry {
            table: table_of(name).filter(|_| entry == name),
            source: error.into_inner(),
            entry,
        }
    })
}
