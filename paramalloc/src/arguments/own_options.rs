//! The options that an experiment has beside the shared settings.

use clap::{ArgMatches, Args, Command};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::Error;

/// The own options of an experiment, whatever their type.
#[derive(Clone, Copy, Debug)]
pub struct OwnOptions {
    augment: fn(Command) -> Command,
    values: fn(&ArgMatches) -> Result<Map<String, Value>, Error>,
}

impl OwnOptions {
    /// Those of the struct `O`, whose fields have defaults for clap.
    pub fn of<O: Args + Serialize>() -> Self {
        Self {
            augment: O::augment_args,
            values: values::<O>,
        }
    }

    /// Adds their flags to a command.
    pub fn augment(&self, command: Command) -> Command {
        (self.augment)(command)
    }

    /// Their values on a command line, defaults included.
    ///
    /// # Errors
    /// [`Error::Arguments`], and [`Error::OptionsNotAStruct`].
    pub fn values(&self, matches: &ArgMatches) -> Result<Map<String, Value>, Error> {
        (self.values)(matches)
    }

    /// Their defaults.
    ///
    /// # Errors
    /// If an option has none.
    pub fn defaults(&self) -> Result<Map<String, Value>, Error> {
        let command = self.augment(Command::new("defaults"));
        let matches = command.try_get_matches_from(["defaults"]);
        self.values(&matches.map_err(Error::Arguments)?)
    }
}

fn values<O: Args + Serialize>(matches: &ArgMatches) -> Result<Map<String, Value>, Error> {
    let options = O::from_arg_matches(matches).map_err(Error::Arguments)?;
    match serde_json::to_value(&options).map_err(Error::json("the options"))? {
        Value::Object(map) => Ok(map),
        _ => Err(Error::OptionsNotAStruct),
    }
}
