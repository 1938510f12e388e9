//! The command line of an experiment.

use clap::{Arg, Args, Command};
use paramalloc_plot::settings::changes_results;
use serde_json::Value;

use super::flags::{Flags, NewRunFlags};
use super::own_options::OwnOptions;

/// What the command line of an experiment is made of.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// Shared settings whose flags it does not have.
    pub without: &'a [String],
    /// Its own options.
    pub own: &'a OwnOptions,
}

/// The flags that start a run, on `command`. `default_of` gives the default
/// shown for a flag.
pub fn with_training_flags(
    command: Command,
    about: &About<'_>,
    default_of: impl Fn(&str) -> Option<Value>,
) -> Command {
    // What only this experiment has comes first.
    let command = Flags::augment_args(about.own.augment(command));
    let command = NewRunFlags::augment_args(command).allow_negative_numbers(true);
    command.mut_args(|argument| {
        let id = argument.get_id().as_str();
        let is_unused = about.without.iter().any(|unused| unused == id);
        let default = default_of(id);
        with_default(with_underscores(argument), default).hide(is_unused)
    })
}

/// The command line that resumes a run, on `command`.
pub fn for_resume(command: Command) -> Command {
    command.allow_negative_numbers(true).mut_args(of_resume)
}

/// A flag of a run that resumes, hidden if it changes results: the run may be given
/// it again, but only as it was.
pub fn of_resume(argument: Arg) -> Arg {
    let id = argument.get_id().as_str();
    let is_shown = argument.is_positional() || id == "quiet" || !changes_results(id);
    with_underscores(argument).hide(!is_shown)
}

/// A flag of a run that adds tasks to another: it starts with that, and has its data.
pub fn of_more_tasks(argument: Arg) -> Arg {
    let unused = ["init", "data", "validation_share", "split_seed"];
    let is_unused = unused.contains(&argument.get_id().as_str());
    let argument = match argument.get_id().as_str() {
        "data_dir" => argument.help(
            "Directory with the new tasks, each a subdirectory or a file; of a run on a table, the directory that its table was moved to",
        ),
        _ => argument,
    };
    with_underscores(argument).hide(is_unused)
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
const DERIVED: [(&str, &str); 17] = [
    ("batches", "alternating"),
    ("validation_share", "0; 0.1 of a table"),
    ("split_seed", "0"),
    ("router_learning_rate", "as --learning-rate"),
    ("clip_norm", "no clipping"),
    ("weight_decay", "0.01"),
    ("momentum", "0.9"),
    ("schedule_minimum", "0"),
    ("schedule_factor", "0.1"),
    ("metric", "of a table by_kind, else by the loss"),
    ("patience", "to the last step"),
    ("select", "best, if there is a validation split"),
    ("log", "jsonl"),
    ("threads", "one per processor"),
    (
        "eval_every",
        "one epoch, or --min-steps / --epochs if that is more",
    ),
    ("log_every", "1000 lines at most"),
    ("checkpoint_every", "as --eval-every"),
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
