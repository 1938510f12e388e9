//! The same experiment with several seeds: mean, deviation and interval of
//! each task's result.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use paramalloc_core::summary::Summary;
use serde_json::Value;
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::FREE;
use crate::number::mean;

/// What does not tell one experiment from another, besides the settings that
/// change no result at all.
const NOT_SETTINGS: [&str; 4] = ["seed", "version", "log_every", "eval_every"];

/// Why runs cannot be put together, in one sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SeedsError(String);

impl SeedsError {
    pub(crate) fn new(sentence: String) -> Self {
        Self(sentence)
    }
}

/// Runs with the same settings and different seeds.
pub struct Group {
    /// The method and the settings in which the groups differ.
    pub label: String,
    /// The runs, by seed.
    pub runs: Vec<Summary>,
    /// Their settings, by name.
    pub settings: BTreeMap<String, Value>,
}

/// Mean over seeds of one figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Sample standard deviation over the seeds; absent for one seed.
    pub deviation: Option<f64>,
    /// Half the width of the 95 % interval of the mean (Student's t); absent
    /// for one seed.
    pub margin: Option<f64>,
}

struct Read {
    folder: PathBuf,
    summary: Summary,
    settings: BTreeMap<String, Value>,
}

/// Reads run folders and groups them by their settings, in the order given.
///
/// # Errors
/// If a folder holds no finished run, two runs are the same, or runs of
/// several experiments are mixed.
pub fn read_groups(folders: &[PathBuf]) -> Result<Vec<Group>, SeedsError> {
    let reads = (folders.iter().map(|f| read(f))).collect::<Result<Vec<_>, _>>()?;
    if let Some(other) = reads
        .iter()
        .find(|r| !comparable(&r.summary, &reads[0].summary))
    {
        return Err(SeedsError(format!(
            "{} and {} are not the same experiment on the same data and tasks; compare runs of one only",
            reads[0].folder.display(),
            other.folder.display()
        )));
    }
    let mut groups: Vec<Vec<&Read>> = Vec::new();
    for read in &reads {
        match groups.iter_mut().find(|g| g[0].settings == read.settings) {
            Some(group) => group.push(read),
            None => groups.push(vec![read]),
        }
    }
    for group in &mut groups {
        group.sort_by_key(|r| r.summary.seed);
        if let Some(pair) = group
            .windows(2)
            .find(|p| p[0].summary.seed == p[1].summary.seed)
        {
            return Err(SeedsError(format!(
                "{} and {} are the same run: seed {}; give each seed once",
                pair[0].folder.display(),
                pair[1].folder.display(),
                pair[0].summary.seed
            )));
        }
    }
    let labels: Vec<String> = groups
        .iter()
        .map(|group| label(group[0], &groups))
        .collect();
    let groups = groups.into_iter().zip(labels).map(|(group, label)| Group {
        label,
        settings: group[0].settings.clone(),
        runs: group.into_iter().map(|r| r.summary.clone()).collect(),
    });
    Ok(groups.collect())
}

fn read(folder: &Path) -> Result<Read, SeedsError> {
    let summary = Summary::read(folder).map_err(|e| SeedsError(e.to_string()))?;
    if !summary.finished {
        return Err(SeedsError(format!(
            "{} was interrupted at task step {} of {}; finish it or leave it out",
            folder.display(),
            summary.global_step,
            summary.total_task_steps
        )));
    }
    let path = folder.join("config.json");
    let broken = |e: &dyn std::fmt::Display| SeedsError(format!("{}: {e}", path.display()));
    let text = std::fs::read_to_string(&path).map_err(|e| broken(&e))?;
    let config: Value = serde_json::from_str(&text).map_err(|e| broken(&e))?;
    let mut settings = BTreeMap::new();
    flatten("", &config, &mut settings);
    settings.retain(|name, _| {
        !NOT_SETTINGS
            .iter()
            .chain(&FREE)
            .any(|left_out| name == left_out)
    });
    Ok(Read {
        folder: folder.to_path_buf(),
        summary,
        settings,
    })
}

/// The leaves of nested tables by their last names, which are unique.
fn flatten(name: &str, value: &Value, leaves: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(table) => {
            for (name, value) in table {
                flatten(name, value, leaves);
            }
        }
        leaf => {
            leaves.insert(name.to_string(), leaf.clone());
        }
    }
}

fn comparable(a: &Summary, b: &Summary) -> bool {
    let names = |s: &Summary| s.tasks.iter().map(|t| t.name.clone()).collect::<Vec<_>>();
    (&a.experiment, &a.data, &a.metric, names(a)) == (&b.experiment, &b.data, &b.metric, names(b))
}

/// The method, and what differs between groups and from its usual value.
fn label(read: &Read, groups: &[Vec<&Read>]) -> String {
    let mut label = read.summary.method.clone();
    for (name, value) in &read.settings {
        let differs = groups
            .iter()
            .any(|g| g[0].settings.get(name) != Some(value));
        let is_usual = matches!(name.as_str(), "method")
            || (name == "budget" && value == 1.0)
            || (name.ends_with("_penalty") && value == 0.0);
        if differs && !is_usual {
            let _ = write!(label, ", {} {value}", name.replace('_', " "));
        }
    }
    label
}

impl Group {
    /// The mean over the tasks of each run, with its seed.
    fn means(&self, split: &str) -> Vec<(u64, f64)> {
        let mean = |run: &Summary| {
            let results = run.tasks.iter().map(|task| task.results.get(split));
            let results = results.collect::<Option<Vec<_>>>()?;
            let sum: f64 = results.iter().copied().sum();
            Some((run.seed, sum / results.len() as f64))
        };
        self.runs.iter().filter_map(mean).collect()
    }

    /// The estimates of a split's result: one per task, and that of the mean
    /// over the tasks.
    pub fn estimates(&self, split: &str) -> Option<Vec<Estimate>> {
        let tasks = self.runs[0].tasks.len();
        let mut columns = vec![Vec::new(); tasks + 1];
        for run in &self.runs {
            let results = run.tasks.iter().map(|t| t.results.get(split).copied());
            let results = results.collect::<Option<Vec<f64>>>()?;
            columns[tasks].extend(mean(results.iter().copied()));
            for (column, result) in columns.iter_mut().zip(results) {
                column.push(result);
            }
        }
        Some(columns.iter().map(|values| Estimate::new(values)).collect())
    }
}

impl Estimate {
    /// From one value per seed, at least one.
    pub fn new(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
        let deviation = (values.len() > 1).then(|| (squares / (n - 1.0)).sqrt());
        let quantile = StudentsT::new(0.0, 1.0, n - 1.0).map(|t| t.inverse_cdf(0.975));
        let margin = deviation.zip(quantile.ok()).map(|(d, t)| t * d / n.sqrt());
        Self {
            mean,
            deviation,
            margin,
        }
    }

    /// `97.06 ± 0.12` in percent, or with four digits for an error.
    fn text(self, percent: bool) -> String {
        let factor = if percent { 100.0 } else { 1.0 };
        let scaled = Self {
            mean: self.mean * factor,
            deviation: self.deviation.map(|d| d * factor),
            margin: self.margin,
        };
        scaled.rounded(if percent { 2 } else { 4 })
    }

    /// Mean and deviation, rounded.
    pub fn rounded(self, digits: usize) -> String {
        let mean = self.mean;
        match self.deviation {
            Some(d) => format!("{mean:.digits$} ± {d:.digits$}"),
            None => format!("{mean:.digits$}"),
        }
    }

    /// The 95 % interval of the mean, in percent or with four digits.
    pub fn interval(self, percent: bool) -> String {
        let (factor, digits) = if percent { (100.0, 2) } else { (1.0, 4) };
        match self.margin {
            Some(margin) => {
                let (low, high) = (self.mean - margin, self.mean + margin);
                format!("{:.digits$} to {:.digits$}", low * factor, high * factor)
            }
            None => "one seed".into(),
        }
    }

    /// Of the differences `a - b` of the values of the same seed; nothing
    /// unless two seeds have both. What the seeds have in common, data and
    /// initial values, falls out of it.
    pub fn of_differences(a: &[(u64, f64)], b: &[(u64, f64)]) -> Option<Self> {
        let differences: Vec<f64> = (a.iter())
            .filter_map(|(seed, a)| {
                let (_, b) = b.iter().find(|(other, _)| other == seed)?;
                Some(a - b)
            })
            .collect();
        (differences.len() > 1).then(|| Self::new(&differences))
    }
}

/// How the groups after the first differ from it in the mean over the tasks,
/// seed by seed; nothing where no two seeds are common.
fn differences(groups: &[Group], split: &str, percent: bool) -> String {
    let Some((first, others)) = groups.split_first() else {
        return String::new();
    };
    let mut rows = String::new();
    for group in others {
        let difference = Estimate::of_differences(&group.means(split), &first.means(split));
        if let Some(estimate) = difference {
            let (text, interval) = (estimate.text(percent), estimate.interval(percent));
            let _ = writeln!(rows, "| {} | {text} | {interval} |", group.label);
        }
    }
    match rows.is_empty() {
        true => rows,
        false => format!(
            "\n| less {}, same seeds | mean | 95 % interval |\n|---|---|---|\n{rows}",
            first.label
        ),
    }
}

/// A Markdown table of the groups: mean ± sample deviation of each task, and
/// the 95 % interval of the mean over the tasks; then how that differs between
/// the groups.
///
/// # Errors
/// If a run has no result for the split.
pub fn table(groups: &[Group], split: &str) -> Result<String, SeedsError> {
    let Some(first) = groups.first().map(|g| &g.runs[0]) else {
        return Err(SeedsError("no run was given; name run folders".into()));
    };
    let percent = first.metric == "accuracy";
    let unit = if percent { ", %" } else { "" };
    let names: Vec<&str> = first.tasks.iter().map(|t| t.name.as_str()).collect();
    let mut text = format!(
        "| {} on `{split}`{unit} | seeds | {} | mean | 95 % interval |\n|---|---|{}---|---|\n",
        first.metric.replace('_', " "),
        names.join(" | "),
        "---|".repeat(names.len())
    );
    for group in groups {
        let estimates = group.estimates(split).ok_or_else(|| {
            SeedsError(format!(
                "a run of {} has no results for `{split}`",
                group.label
            ))
        })?;
        let seeds: Vec<String> = group.runs.iter().map(|r| r.seed.to_string()).collect();
        let cells: Vec<String> = estimates.iter().map(|e| e.text(percent)).collect();
        let interval = estimates
            .last()
            .map_or(String::new(), |e| e.interval(percent));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {interval} |",
            group.label,
            seeds.join(", "),
            cells.join(" | ")
        );
    }
    Ok(text + &differences(groups, split, percent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviation_and_interval_of_three_values() {
        let estimate = Estimate::new(&[1.0, 2.0, 3.0]);
        assert_eq!((estimate.mean, estimate.deviation), (2.0, Some(1.0)));
        // 4.302653 (Student's t, 2 degrees of freedom, 97.5 %) / sqrt(3)
        let margin = estimate.margin.unwrap();
        assert!((margin - 2.484138).abs() < 1e-5, "{margin}");
    }

    #[test]
    fn differences_are_those_of_the_same_seed() {
        let a = [(0, 1.5), (1, 12.0), (2, 3.0), (7, 0.0)];
        let b = [(2, 1.0), (0, 1.0), (1, 10.5), (9, 5.0)];
        let estimate = Estimate::of_differences(&a, &b).unwrap();
        // 0.5, 1.5 and 2
        assert!((estimate.mean - 4.0 / 3.0).abs() < 1e-12);
        assert!((estimate.deviation.unwrap() - 0.763_762_6).abs() < 1e-6);
        assert_eq!(Estimate::of_differences(&a[..1], &b), None);
    }

    #[test]
    fn one_seed_has_no_interval() {
        let estimate = Estimate::new(&[0.5]);
        assert_eq!((estimate.deviation, estimate.margin), (None, None));
        assert_eq!(estimate.text(true), "50.00");
    }
}
