//! Runs in groups: the same settings, with several seeds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use paramalloc_core::summary::Summary;
use serde_json::Value;

use super::comparable::incomparable;
use super::cost::Cost;
use super::estimate::Estimate;
use super::read::{Read, last, read};
use crate::Error;
use crate::format::mean;

/// One value for each seed.
pub(super) type Seeded = Vec<(u64, f64)>;

/// Finished runs with the same settings and different seeds, at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub(super) label: String,
    pub(super) runs: Vec<Summary>,
    /// Where each of `runs` is.
    pub(super) directories: Vec<PathBuf>,
    /// What each of `runs` needs.
    pub(super) costs: Vec<Cost>,
    /// By path: `penalties.budget` for example.
    pub(super) settings: BTreeMap<String, Value>,
}

impl Group {
    /// The method, and the settings in which this group differs from others.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The runs, at least one, in order of their seeds.
    pub fn runs(&self) -> &[Summary] {
        &self.runs
    }

    /// The directories of [`runs`](Self::runs).
    pub fn directories(&self) -> &[PathBuf] {
        &self.directories
    }

    /// The setting of this name, `budget` for example.
    pub fn setting(&self, name: &str) -> Option<&Value> {
        let mut settings = self.settings.iter();
        settings.find_map(|(path, value)| (last(path) == name).then_some(value))
    }

    /// Estimates of the metric on `split`: one for each task, then that of the
    /// mean over the tasks. A task that has no result in some run has none, and
    /// is left out of the mean. `None` if a run has no result for the split.
    pub fn estimates(&self, split: &str) -> Option<Vec<Option<Estimate>>> {
        let measured = self.measured(split);
        if !measured.contains(&true) {
            return None;
        }
        let values = |column: &Seeded| column.iter().map(|(_, v)| *v).collect::<Vec<_>>();
        let columns = self.columns(split, &measured);
        let estimates = columns.iter().map(|c| Estimate::new(&values(c.as_ref()?)));
        Some(estimates.collect())
    }

    /// Whether each task has a result on `split` in all runs: a metric may be
    /// undefined there.
    pub(super) fn measured(&self, split: &str) -> Vec<bool> {
        let has = |task: usize, run: &Summary| run.tasks[task].results.contains_key(split);
        let tasks = 0..self.runs[0].tasks.len();
        let of_task = |task| self.runs.iter().all(|run| has(task, run));
        tasks.map(of_task).collect()
    }

    /// The metric on `split` of each run with its seed: for each task, if that is
    /// `measured` in all runs, then the mean over these tasks.
    pub(super) fn columns(&self, split: &str, measured: &[bool]) -> Vec<Option<Seeded>> {
        let result = |run: &Summary, task: usize| run.tasks[task].results.get(split).copied();
        let runs = || self.runs.iter();
        let tasks: Vec<usize> = (0..measured.len()).filter(|&task| measured[task]).collect();
        let of_task = |task: usize| {
            let column = runs().map(|run| Some((run.seed, result(run, task)?)));
            measured[task].then(|| column.collect()).flatten()
        };
        let of_run = |run: &Summary| mean(tasks.iter().filter_map(|&task| result(run, task)));
        let means = runs().map(|run| Some((run.seed, of_run(run)?))).collect();
        (0..measured.len()).map(of_task).chain([means]).collect()
    }
}

/// Reads run directories and groups them by their settings, in the order
/// given.
///
/// # Errors
/// If a directory holds no finished run, two runs are the same, or runs of
/// several experiments are mixed.
pub(super) fn read_groups(directories: &[&Path]) -> Result<Vec<Group>, Error> {
    let reads = directories.iter().map(|directory| read(directory));
    let reads = reads.collect::<Result<Vec<Read>, _>>()?;
    let first = reads.first().ok_or(Error::NoRuns)?;
    let runs = incomparable(first, &reads);
    if !runs.is_empty() {
        let first = first.directory.clone();
        return Err(Error::Incomparable { first, runs });
    }
    let mut groups: Vec<Vec<&Read>> = Vec::new();
    for read in &reads {
        match groups.iter_mut().find(|g| g[0].settings == read.settings) {
            Some(group) => group.push(read),
            None => groups.push(vec![read]),
        }
    }
    for group in &mut groups {
        group.sort_by_key(|read| read.summary.seed);
        let mut pairs = group.windows(2);
        if let Some(pair) = pairs.find(|p| p[0].summary.seed == p[1].summary.seed) {
            return Err(Error::SameSeed {
                first: pair[0].directory.clone(),
                second: pair[1].directory.clone(),
                seed: pair[0].summary.seed,
            });
        }
    }
    let labels = groups.iter().map(|group| label(group[0], &groups));
    let labels: Vec<String> = labels.collect();
    let groups = groups.into_iter().zip(labels).map(|(group, label)| Group {
        label,
        settings: group[0].settings.clone(),
        costs: group.iter().map(|read| read.cost).collect(),
        directories: group.iter().map(|read| read.directory.clone()).collect(),
        runs: group.into_iter().map(|r| r.summary.clone()).collect(),
    });
    Ok(groups.collect())
}

/// The method, and what differs between groups and from its usual value.
fn label(read: &Read, groups: &[Vec<&Read>]) -> String {
    let mut settings: Vec<(&str, &String, &Value)> = read
        .settings
        .iter()
        .map(|(path, value)| (last(path), path, value))
        .collect();
    settings.sort_by_key(|&(name, path, _)| (name, path));
    let mut label = read.summary.method.clone();
    for (name, path, value) in settings {
        let mut others = groups.iter();
        let differs = others.any(|g| g[0].settings.get(path) != Some(value));
        let is_usual = name == "method"
            || (name == "budget" && *value == 1.0)
            || (name.ends_with("_penalty") && *value == 0.0);
        if differs && !is_usual {
            let _ = write!(label, ", {} {value}", name.replace('_', " "));
        }
    }
    label
}
