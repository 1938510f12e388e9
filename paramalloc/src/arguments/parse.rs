//! Parses command lines.

use std::collections::BTreeSet;
use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{Arg, Args, Command, FromArgMatches};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::arguments::flags::Flags;
use crate::error::Error;

/// What the user typed.
#[derive(Clone, Debug)]
pub struct Given {
    /// Their values.
    pub flags: Flags,
    /// Names of those that were typed, with underscores.
    pub names: BTreeSet<String>,
}

/// What a command line is of.
#[derive(Clone, Copy, Debug, Default)]
pub struct About {
    /// Name of the program.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// Shared settings whose flags it does not have.
    pub without: &'static [&'static str],
}

/// Parses a command line of an experiment with the own options `O`.
/// `default_of` gives the default shown for a flag.
///
/// # Errors
/// [`Error::Arguments`], which may be the help that was asked for, and
/// [`Error::UselessFlag`].
pub fn parse<O: Args + Serialize>(
    about: &About,
    default_of: impl Fn(&str) -> Option<Value>,
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<Given, Error> {
    let matches = command::<O>(about, default_of)
        .try_get_matches_from(arguments)
        .map_err(Error::Arguments)?;
    let mut flags = Flags::from_arg_matches(&matches).map_err(Error::Arguments)?;
    let typed = |id: &&str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let names = matches.ids().map(clap::Id::as_str).filter(typed);
    let names: BTreeSet<String> = names.map(str::to_owned).collect();
    if let Some(unused) = about.without.iter().find(|name| names.contains(**name)) {
        return Err(Error::UselessFlag {
            flag: unused.replace('_', "-"),
            experiment: about.name.to_owned(),
        });
    }
    flags.options = as_map(&O::from_arg_matches(&matches).map_err(Error::Arguments)?)?;
    flags.options.retain(|name, _| names.contains(name));
    Ok(Given { flags, names })
}

/// The defaults of an experiment's own options.
///
/// # Errors
/// If an option has none.
pub fn default_options<O: Args + Serialize>() -> Result<Map<String, Value>, Error> {
    let matches = O::augment_args(Command::new("defaults"))
        .try_get_matches_from(["defaults"])
        .map_err(Error::Arguments)?;
    as_map(&O::from_arg_matches(&matches).map_err(Error::Arguments)?)
}

fn as_map(options: &impl Serialize) -> Result<Map<String, Value>, Error> {
    match serde_json::to_value(options).map_err(Error::json("the options"))? {
        Value::Object(map) => Ok(map),
        _ => Err(Error::OptionsNotAStruct),
    }
}

fn command<O: Args>(about: &About, default_of: impl Fn(&str) -> Option<Value>) -> Command {
    let command = O::augment_args(Flags::augment_args(Command::new(about.name)))
        .about(about.about)
        .version(env!("CARGO_PKG_VERSION"))
        .allow_negative_numbers(true)
        .max_term_width(100);
    command.mut_args(|argument| {
        let id = argument.get_id().as_str();
        let (default, is_unused) = (default_of(id), about.without.contains(&id));
        with_default(with_underscores(argument), default).hide(is_unused)
    })
}

/// Parses the command line of a program that looks at a run.
///
/// # Errors
/// [`Error::Arguments`], which may be the help that was asked for, and
/// [`Error::UselessFlag`].
pub fn parse_args<A: Args>(
    name: &'static str,
    about: &str,
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<A, Error> {
    let command = A::augment_args(Command::new(name))
        .about(about.to_owned())
        .version(env!("CARGO_PKG_VERSION"))
        .max_term_width(100);
    let matches = command
        .try_get_matches_from(arguments)
        .map_err(Error::Arguments)?;
    A::from_arg_matches(&matches).map_err(Error::Arguments)
}

/// `--budget_penalty` for `--budget-penalty`, as the original had it.
fn with_underscores(argument: Arg) -> Arg {
    let dashed = argument.get_long().filter(|long| long.contains('-'));
    match dashed.map(|long| long.replace('-', "_")) {
        Some(alias) => argument.alias(alias),
        None => argument,
    }
}

/// Settings whose default follows from others.
const DERIVED: [(&str, &str); 7] = [
    ("router_learning_rate", "as --learning-rate"),
    ("clip_norm", "no clipping"),
    ("threads", "one per processor"),
    ("eval_every", "one epoch"),
    ("log_every", "1000 lines at most"),
    ("checkpoint_every", "one epoch"),
    ("logdir", "a fresh one under runs/"),
];

fn with_default(argument: Arg, default: Option<Value>) -> Arg {
    let id = argument.get_id().as_str();
    let derived = DERIVED.iter().find(|(name, _)| *name == id);
    let shown = match (default, derived) {
        (Some(Value::String(text)), _) => text,
        (Some(value), _) => value.to_string(),
        (None, Some((_, text))) => (*text).to_owned(),
        (None, None) => return argument,
    };
    let help = argument.get_help().map(ToString::to_string);
    argument.help(format!("{} [default: {shown}]", help.unwrap_or_default()))
}
