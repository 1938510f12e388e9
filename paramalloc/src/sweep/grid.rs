//! What a sweep runs: a TOML file of flags, axes and variants.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use paramalloc_core::summary::read_text;
use serde::Deserialize;
use toml::{Table, Value};

use crate::error::SweepError;

/// The file of a sweep.
///
/// ```toml
/// directory = "runs/mnist-sweep"
///
/// [flags]
/// epochs = 1
///
/// [axes]
/// seed = [0, 1, 2]
///
/// [[variants]]
/// name = "no_sharing"
/// method = "no_sharing"
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    /// Where the runs go; by default `runs/` and the name of the file.
    pub directory: Option<PathBuf>,
    /// The program of the runs and its first arguments; by default the one that
    /// runs the sweep.
    pub program: Option<Vec<String>>,
    /// Flags of every run.
    #[serde(default)]
    pub flags: Table,
    /// Flags with several values each: every combination is a run.
    #[serde(default)]
    pub axes: Table,
    /// Flags that belong together, with a `name`: every combination of the axes
    /// runs with each.
    #[serde(default)]
    pub variants: Vec<Variant>,
}

/// Flags that belong together.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Variant {
    /// Name, which the directories of its runs begin with.
    pub name: String,
    /// The flags.
    #[serde(flatten)]
    pub flags: Table,
}

/// One run of a sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Name of its directory.
    pub name: String,
    /// What the program is given, `--seed` and `0` for example.
    pub arguments: Vec<String>,
}

/// Runs that a file may ask for.
const MOST: usize = 100_000;

impl Grid {
    /// The grid in a file.
    ///
    /// # Errors
    /// If it cannot be read, or is not a grid.
    pub fn read(path: &Path) -> Result<Self, SweepError> {
        let text = read_text(path).map_err(|source| SweepError::Read {
            path: path.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|source| SweepError::Toml {
            path: path.to_owned(),
            source: Box::new(source),
        })
    }

    /// Every run, the variants one after the other and in them the last axis
    /// first.
    ///
    /// # Errors
    /// If an axis is no list, a flag has a value that no flag can have, a name
    /// is no name of a directory, or two runs have one name.
    pub fn runs(&self) -> Result<Vec<Planned>, SweepError> {
        let variants = match self.variants.is_empty() {
            true => vec![None],
            false => self.variants.iter().map(Some).collect(),
        };
        let mut runs = Vec::new();
        for variant in variants {
            let mut chosen = vec![Vec::new()];
            for (axis, values) in &self.axes {
                chosen = combined(&chosen, axis, values)?;
            }
            for chosen in chosen {
                runs.push(self.run(variant, &chosen)?);
            }
        }
        // Names that differ in case only are one directory on some systems.
        let mut seen = BTreeSet::new();
        match runs
            .iter()
            .find(|run| !seen.insert(run.name.to_lowercase()))
        {
            Some(run) => Err(SweepError::SameName {
                name: run.name.clone(),
            }),
            None => Ok(runs),
        }
    }

    /// The run of a variant and a value of each axis.
    fn run(
        &self,
        variant: Option<&Variant>,
        chosen: &[(&str, &Value)],
    ) -> Result<Planned, SweepError> {
        let mut parts: Vec<String> = variant.iter().map(|variant| variant.name.clone()).collect();
        let mut flags: Vec<(&str, &Value)> = Vec::new();
        let of_variant = variant.iter().flat_map(|variant| &variant.flags);
        let all = self.flags.iter().chain(of_variant);
        let all = all.map(|(flag, value)| (flag.as_str(), value));
        for (flag, value) in all.chain(chosen.iter().copied()) {
            // What comes later is more particular.
            flags.retain(|(other, _)| *other != flag);
            flags.push((flag, value));
        }
        let mut arguments = Vec::new();
        for (flag, value) in flags {
            arguments.extend(argument(flag, value)?);
        }
        for (axis, value) in chosen {
            let text = text(axis, value)?;
            let is_word = text.starts_with(char::is_alphabetic);
            parts.push(format!("{axis}{}{text}", if is_word { "-" } else { "" }));
        }
        let name = match parts.is_empty() {
            true => "run".to_owned(),
            false => parts.join("-"),
        };
        match is_directory_name(&name) {
            true => Ok(Planned { name, arguments }),
            false => Err(SweepError::Name { name }),
        }
    }
}

/// True if every system takes `name` for a directory. Windows has devices of some
/// names, whatever follows a dot, and drops a dot at the end.
fn is_directory_name(name: &str) -> bool {
    let is_known = |c: char| c.is_alphanumeric() || "._-+=,@".contains(c);
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    let is_device = match stem.strip_prefix("com").or(stem.strip_prefix("lpt")) {
        Some(number) => number.len() == 1 && number.as_bytes()[0].is_ascii_digit(),
        None => matches!(stem.as_str(), "con" | "prn" | "aux" | "nul"),
    };
    name.chars().all(is_known)
        && !name.starts_with(['.', '-'])
        && !name.ends_with('.')
        && !is_device
}

/// Every one of `chosen` with every value of an axis.
fn combined<'a>(
    chosen: &[Vec<(&'a str, &'a Value)>],
    axis: &'a str,
    values: &'a Value,
) -> Result<Vec<Vec<(&'a str, &'a Value)>>, SweepError> {
    let Some(values) = values.as_array().filter(|values| !values.is_empty()) else {
        return Err(SweepError::Axis {
            axis: axis.to_owned(),
        });
    };
    if chosen.len().saturating_mul(values.len()) > MOST {
        return Err(SweepError::TooMany { most: MOST });
    }
    let with = |chosen: &Vec<_>, value| [chosen.as_slice(), &[(axis, value)]].concat();
    let all = chosen
        .iter()
        .flat_map(|chosen| values.iter().map(move |value| with(chosen, value)));
    Ok(all.collect())
}

/// What gives a flag a value.
fn argument(flag: &str, value: &Value) -> Result<Vec<String>, SweepError> {
    let name = format!("--{}", flag.replace('_', "-"));
    Ok(match value {
        Value::Boolean(true) => vec![name],
        Value::Boolean(false) => Vec::new(),
        value => vec![format!("{name}={}", text(flag, value)?)],
    })
}

/// A value as a command line has it.
fn text(flag: &str, value: &Value) -> Result<String, SweepError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        Value::Float(number) => Ok(number.to_string()),
        Value::Boolean(is) => Ok(is.to_string()),
        _ => Err(SweepError::Value {
            flag: flag.to_owned(),
            kind: value.type_str(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(text: &str) -> Grid {
        toml::from_str(text).unwrap()
    }

    fn sentence(text: &str) -> String {
        grid(text).runs().unwrap_err().to_string()
    }

    #[test]
    fn every_variant_runs_with_every_combination_of_the_axes() {
        let runs = grid(
            "flags = { epochs = 1, quick = true, slow = false }
             [axes]
             seed = [0, 1]
             learning_rate = [1e-2, 0.5]
             [[variants]]
             name = 'budget'
             budget = 0.75
             [[variants]]
             name = 'plain'
             epochs = 2",
        );
        let runs = runs.runs().unwrap();
        assert_eq!(runs.len(), 8);
        assert_eq!(runs[0].name, "budget-learning_rate0.01-seed0");
        let arguments = [
            "--epochs=1",
            "--quick",
            "--budget=0.75",
            "--learning-rate=0.01",
            "--seed=0",
        ];
        assert_eq!(runs[0].arguments, arguments);
        assert_eq!(runs[7].name, "plain-learning_rate0.5-seed1");
        assert!(runs[7].arguments.contains(&"--epochs=2".to_owned()));
    }

    #[test]
    fn a_grid_without_axes_is_one_run() {
        let runs = grid("[flags]\nsteps = 5").runs().unwrap();
        assert_eq!((runs.len(), runs[0].name.as_str()), (1, "run"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(sentence("[axes]\nseed = 3").contains("`seed`"));
        assert!(sentence("[axes]\nseed = []").contains("`seed`"));
        assert!(sentence("[flags]\nseed = [1]").contains("`seed`"));
        assert!(sentence("[axes]\nseed = [1, 1]").contains("seed1"));
        assert!(sentence("[[variants]]\nname = '../up'").contains("../up"));
        assert!(sentence("[axes]\nmethod = ['a', 'A']").contains("method-A"));
        for device in ["CON", "nul.txt", "com1", "Lpt9.a.b", "plain."] {
            let said = sentence(&format!("[[variants]]\nname = '{device}'"));
            assert!(said.contains(device), "{said}");
        }
        for name in ["console", "com10", "lpt", "null", "con-a"] {
            assert!(is_directory_name(name), "{name}");
        }
        assert!(toml::from_str::<Grid>("axis = 1").is_err());
    }
}
