//! The results of groups of runs, each beside the first.

use std::collections::BTreeSet;

use paramalloc_core::metric::Goal;

use super::difference::{Difference, correct};
use super::estimate::Estimate;
use super::groups::{Group, Seeded};
use crate::Error;
use crate::format::mean;
use crate::metric_info::MetricInfo;

/// The results of several methods on one split, each task by itself and all
/// together, and how they differ from the first method's.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    /// The split.
    pub split: String,
    /// The metric of all tasks; nothing where they are judged by different ones.
    pub metric: Option<MetricInfo>,
    /// The tasks.
    pub tasks: Vec<ComparedTask>,
    /// The methods, at least one; the first is what the others are compared
    /// with.
    pub methods: Vec<MethodResults>,
}

/// A task, and what it is judged by.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedTask {
    /// Its name.
    pub name: String,
    /// Its metric.
    pub metric: MetricInfo,
}

/// The results of one method over its seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct MethodResults {
    /// The method, and the settings in which it differs from others.
    pub label: String,
    /// The seeds, in order.
    pub seeds: Vec<u64>,
    /// The metric of each task; nothing of one whose metric is undefined on the
    /// split in some run, of whatever method.
    pub tasks: Vec<Option<Outcome>>,
    /// The mean over the tasks that have a metric; nothing where these are judged
    /// by different ones.
    pub mean: Option<Outcome>,
    /// Mean over these tasks of the share by which a task is better than the
    /// first method's; absent for the first, and where no two seeds are common
    /// or it is not known which way is better.
    pub gain: Option<Estimate>,
    /// Mean over the tasks of the share of the parameters that a task uses.
    pub parameter_share: Estimate,
    /// Mean over the tasks of the share of the multiply-adds that a task needs.
    pub multiply_add_share: Estimate,
    /// Mean over the tasks of the multiply-adds per example; absent where the
    /// stored network is not known to this program.
    pub multiply_adds: Option<Estimate>,
    /// Seconds that a run took; absent where a run has no times.
    pub seconds: Option<Estimate>,
}

/// One number of one method.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Mean over the seeds.
    pub estimate: Estimate,
    /// How it differs from the first method's, seed by seed; absent for the
    /// first, and where no two seeds are common.
    pub difference: Option<Difference>,
}

impl Results {
    /// From groups, at least one, on `split`.
    ///
    /// # Errors
    /// If a run has no result for the split.
    pub(super) fn new(groups: &[Group], split: &str) -> Result<Self, Error> {
        let first = groups.first().ok_or(Error::NoRuns)?;
        let measured = measured(groups, split)?;
        let columns = groups.iter().map(|group| group.columns(split, &measured));
        let columns: Vec<Vec<Option<Seeded>>> = columns.collect();
        let summary = &first.runs[0];
        let task = |task| {
            let metric = MetricInfo::named(summary.metric_of(task));
            let name = task.name.clone();
            ComparedTask { name, metric }
        };
        let tasks: Vec<ComparedTask> = summary.tasks.iter().map(task).collect();
        let metric = tasks.first().map(|task| task.metric.clone());
        let mut results = Self {
            split: split.to_owned(),
            metric: metric.filter(|_| !summary.is_mixed()),
            tasks,
            methods: Vec::new(),
        };
        let methods = groups.iter().zip(&columns).enumerate();
        let methods = methods.map(|(index, (group, own))| {
            let baseline = (index > 0).then_some(&columns[0][..]);
            method_results(group, own, baseline, &results)
        });
        let mut methods = methods.collect::<Option<Vec<_>>>().ok_or(Error::NoRuns)?;
        // Each table is a family of tests: the means, and the tasks.
        let means = methods.iter_mut().filter_map(|method| method.mean.as_mut());
        correct(means.filter_map(|outcome| outcome.difference.as_mut()));
        let tasks = methods.iter_mut().flat_map(|method| &mut method.tasks);
        correct(tasks.filter_map(|outcome| outcome.as_mut()?.difference.as_mut()));
        results.methods = methods;
        Ok(results)
    }

    /// The metric of a task, or of the mean over the tasks (`None`), if they have
    /// one in common.
    pub fn metric_of(&self, task: Option<usize>) -> Option<&MetricInfo> {
        match task {
            Some(task) => self.tasks.get(task).map(|task| &task.metric),
            None => self.metric.as_ref(),
        }
    }

    /// Names of the tasks without a metric on the split in some run, which are left
    /// out of means and tests.
    pub fn left_out(&self) -> Vec<&str> {
        let tasks = self.tasks.iter().enumerate();
        let is_out = |task: usize| self.methods.iter().all(|m| m.outcome(Some(task)).is_none());
        let out = tasks.filter(|(index, _)| is_out(*index));
        out.map(|(_, task)| task.name.as_str()).collect()
    }

    /// Which method has the best mean of a task, or of the mean over the tasks
    /// (`None`), if there are several and it is known which way is better.
    pub(crate) fn best(&self, task: Option<usize>) -> Option<usize> {
        let goal = self.metric_of(task)?.goal;
        let goal = goal.filter(|_| self.methods.len() > 1)?;
        let value = |index: usize| Some(self.methods[index].outcome(task)?.estimate.mean);
        let better = |a: usize, b: usize| match (value(a), value(b)) {
            (Some(a_value), Some(b_value)) if goal.is_better(b_value, a_value) => b,
            _ => a,
        };
        (0..self.methods.len()).reduce(better)
    }
}

impl MethodResults {
    /// Of a task, or of the mean over the tasks, if there is one.
    pub fn outcome(&self, task: Option<usize>) -> Option<&Outcome> {
        match task {
            Some(task) => self.tasks.get(task)?.as_ref(),
            None => self.mean.as_ref(),
        }
    }

    /// Seeds that this method and the first have in common, if at least two.
    pub fn common_seeds(&self) -> Option<usize> {
        let mut tasks = self.tasks.iter().flatten();
        tasks.find_map(|outcome| Some(outcome.difference?.seeds))
    }
}

/// Whether each task has a metric on `split` in all runs of all groups.
fn measured(groups: &[Group], split: &str) -> Result<Vec<bool>, Error> {
    let mut measured: Option<Vec<bool>> = None;
    for group in groups {
        let of_group = group.measured(split);
        let both = match measured {
            Some(others) => others.iter().zip(of_group).map(|(a, b)| *a && b).collect(),
            None => of_group,
        };
        if !both.contains(&true) {
            let results = group.runs[0].tasks.iter().flat_map(|task| &task.results);
            let splits: BTreeSet<String> = results.map(|(split, _)| split.clone()).collect();
            return Err(Error::NoResults {
                group: group.label.clone(),
                split: split.to_owned(),
                splits: splits.into_iter().collect(),
            });
        }
        measured = Some(both);
    }
    Ok(measured.unwrap_or_default())
}

/// `columns` has the values of each task, if it has any, then of their mean, and
/// `baseline` those of the first method. Nothing only if there are no values.
fn method_results(
    group: &Group,
    columns: &[Option<Seeded>],
    baseline: Option<&[Option<Seeded>]>,
    results: &Results,
) -> Option<MethodResults> {
    let outcome = |index: usize| {
        let column = columns[index].as_ref()?;
        let values: Vec<f64> = column.iter().map(|(_, value)| *value).collect();
        let base = baseline.and_then(|baseline| baseline[index].as_ref());
        Some(Outcome {
            estimate: Estimate::new(&values)?,
            difference: base.and_then(|base| Difference::new(column, base)),
        })
    };
    let tasks = columns.len() - 1;
    let over_tasks = |value: fn(&paramalloc_core::summary::TaskSummary) -> f64| {
        let runs = group.runs.iter();
        let means = runs.filter_map(|run| mean(run.tasks.iter().map(value)));
        Estimate::new(&means.collect::<Vec<_>>())
    };
    let of_costs = |values: Option<Vec<f64>>| values.and_then(|values| Estimate::new(&values));
    let costs = || group.costs.iter();
    Some(MethodResults {
        label: group.label.clone(),
        seeds: group.runs.iter().map(|run| run.seed).collect(),
        tasks: (0..tasks).map(outcome).collect(),
        mean: results.metric.as_ref().and_then(|_| outcome(tasks)),
        gain: baseline.and_then(|baseline| gain(columns, baseline, results)),
        parameter_share: over_tasks(|task| task.parameter_share)?,
        multiply_add_share: over_tasks(|task| task.multiply_add_share)?,
        multiply_adds: of_costs(costs().map(|cost| cost.multiply_adds).collect()),
        seconds: of_costs(costs().map(|cost| cost.seconds).collect()),
    })
}

/// Mean over the tasks of the relative gain over the baseline, seed by seed;
/// nothing unless it is known of all tasks which way they are better.
fn gain(
    columns: &[Option<Seeded>],
    baseline: &[Option<Seeded>],
    results: &Results,
) -> Option<Estimate> {
    let tasks = columns.iter().zip(baseline).zip(&results.tasks);
    let tasks = tasks.filter_map(|((column, base), task)| {
        Some((column.as_ref()?, base.as_ref()?, task.metric.goal))
    });
    let tasks: Vec<(&Seeded, &Seeded, Option<Goal>)> = tasks.collect();
    let of_seed = |place: usize| {
        let gains = tasks.iter().map(|(column, base, goal)| {
            let (seed, value) = column[place];
            let (_, base) = base.iter().find(|(other, _)| *other == seed)?;
            let sign = match (*goal)? {
                Goal::Maximize => 1.0,
                Goal::Minimize => -1.0,
            };
            let gain = sign * (value - base) / base.abs();
            gain.is_finite().then_some(gain)
        });
        mean(gains.collect::<Option<Vec<_>>>()?.into_iter())
    };
    let seeds = tasks.first()?.0.len();
    let gains: Vec<f64> = (0..seeds).filter_map(of_seed).collect();
    (gains.len() > 1).then(|| Estimate::new(&gains)).flatten()
}
