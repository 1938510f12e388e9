//! Which runs can be compared: those of one experiment on the same data, split
//! and network.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::{fmt, iter};

use paramalloc_core::summary::Summary;
use serde_json::Value;

use super::read::Read;

/// In what a run differs from the one that it is to be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mismatch {
    /// It is of another experiment.
    Experiment,
    /// Its data are others.
    Data,
    /// Its tasks are others.
    Tasks,
    /// Its data are divided otherwise into training, validation and test.
    Split,
    /// Its results are of another metric.
    Metric,
    /// Its network is another.
    Network,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Experiment => "another experiment",
            Self::Data => "other data",
            Self::Tasks => "other tasks",
            Self::Split => "another split of the data",
            Self::Metric => "another metric",
            Self::Network => "another network",
        })
    }
}

/// A run that cannot be compared, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incomparable {
    /// Directory of the run.
    pub path: PathBuf,
    /// In what it differs, at least one thing.
    pub mismatches: Vec<Mismatch>,
}

/// The runs that cannot be compared with the first.
pub(super) fn incomparable(first: &Read, others: &[Read]) -> Vec<Incomparable> {
    let all = || iter::once(first).chain(others);
    let full = all().find(|read| !has_own_components(read));
    let found = others.iter().map(|read| {
        let mut mismatches = mismatches(first, read);
        let is_other = |full| is_other_network(full, read);
        if mismatches.is_empty() && full.is_some_and(is_other) {
            mismatches.push(Mismatch::Network);
        }
        Incomparable {
            path: read.directory.clone(),
            mismatches,
        }
    });
    found.filter(|run| !run.mismatches.is_empty()).collect()
}

fn mismatches(a: &Read, b: &Read) -> Vec<Mismatch> {
    let names = |s: &Summary| s.tasks.iter().map(|t| t.name.clone()).collect::<Vec<_>>();
    // Of another experiment all the rest is another, too.
    if a.summary.experiment != b.summary.experiment {
        return vec![Mismatch::Experiment];
    }
    let checks = [
        (Mismatch::Data, a.summary.data != b.summary.data),
        (Mismatch::Tasks, names(&a.summary) != names(&b.summary)),
        (Mismatch::Split, split(a) != split(b)),
        (Mismatch::Metric, metrics(&a.summary) != metrics(&b.summary)),
        (Mismatch::Network, is_other_network(a, b)),
    ];
    let found = checks.into_iter().filter(|(_, differs)| *differs);
    found.map(|(mismatch, _)| mismatch).collect()
}

/// Name of the metric of each task.
fn metrics(summary: &Summary) -> Vec<&str> {
    let tasks = summary.tasks.iter();
    tasks.map(|task| summary.metric_of(task)).collect()
}

/// What decides which examples are for what: how many are taken, the options
/// of the data source, and which splits there are. The seed may differ, and
/// with it the data of a source that makes them by it.
fn split(read: &Read) -> [Value; 6] {
    let setting = |path| read.config.pointer(path).cloned().unwrap_or_default();
    let mut options = setting("/source/options");
    if let Some(options) = options.as_object_mut() {
        options.remove("seed");
    }
    // A task has no result where its metric is undefined.
    let tasks = read.summary.tasks.iter();
    let splits: BTreeSet<&str> = tasks
        .flat_map(|task| task.results.keys().map(String::as_str))
        .collect();
    let [train, test] = ["/train_examples", "/test_examples"].map(setting);
    let [share, seed] = ["/validation_share", "/split_seed"].map(setting);
    let splits = splits.into_iter().collect();
    [train, test, share, seed, options, splits]
}

/// A run of version 0.1 did not store its network. Where each task has components of
/// its own there are as many of them as tasks, and of the others as many as was said.
fn is_other_network(a: &Read, b: &Read) -> bool {
    let (Some(of_a), Some(of_b)) = (&a.network, &b.network) else {
        return false;
    };
    match has_own_components(a) == has_own_components(b) {
        true => of_a != of_b,
        false => without_copies(of_a) != without_copies(of_b),
    }
}

/// True if each task has components of its own.
fn has_own_components(read: &Read) -> bool {
    read.summary.method == "no_sharing"
}

/// The network without the number of components of its routed fields.
fn without_copies(network: &Value) -> Value {
    let mut network = network.clone();
    let fields = network.pointer_mut("/network/fields");
    let fields = fields.and_then(Value::as_array_mut);
    for field in fields.into_iter().flatten() {
        let routed = field.pointer_mut("/sharing/routed");
        if let Some(routed) = routed.and_then(Value::as_object_mut) {
            routed.remove("copies");
        }
    }
    network
}
