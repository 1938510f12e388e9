//! What was typed on the command line of a run in training.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgMatches, FromArgMatches};
use serde_json::{Map, Value};

use super::flags::{CommonFlags, Flags};
use super::own_options::OwnOptions;
use crate::error::Error;

/// What was typed on the command line of a run in training.
#[derive(Clone, Debug)]
pub struct Given {
    /// The settings.
    pub flags: Flags,
    /// Names of the flags that were typed, with underscores.
    pub names: BTreeSet<String>,
    /// A file of settings.
    pub config: Option<PathBuf>,
    /// True if no progress is to be shown.
    pub quiet: bool,
}

impl Given {
    /// What a command line says about the shared settings.
    pub fn of_flags(mut flags: Flags, common: CommonFlags) -> Self {
        flags.options = Map::new();
        let all = serde_json::to_value(&flags).unwrap_or_default();
        let typed = all.as_object().into_iter().flatten();
        let typed = typed.filter(|(_, value)| !value.is_null());
        let mut names: BTreeSet<String> = typed.map(|(name, _)| name.clone()).collect();
        if common.config.is_some() {
            names.insert("config".to_owned());
        }
        Self {
            flags,
            names,
            config: common.config,
            quiet: common.quiet,
        }
    }

    /// What a command line says about the shared settings and the options
    /// `own` of an experiment.
    ///
    /// # Errors
    /// [`Error::Arguments`].
    pub fn of_matches(matches: &ArgMatches, own: &OwnOptions) -> Result<Self, Error> {
        let flags = Flags::from_arg_matches(matches).map_err(Error::Arguments)?;
        let common = CommonFlags::from_arg_matches(matches).map_err(Error::Arguments)?;
        let mut given = Self::of_flags(flags, common);
        let is_typed = |name: &str| matches.value_source(name) == Some(ValueSource::CommandLine);
        let options: Map<String, Value> = own.values(matches)?;
        let options = options.into_iter().filter(|(name, _)| is_typed(name));
        given.flags.options = options.collect();
        let names = given.flags.options.keys().cloned();
        given.names.extend(names);
        Ok(given)
    }
}
