//! The results of groups of runs, each beside the first.

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
    /// The metric of each task.
    pub tasks: Vec<Outcome>,
    /// The mean over the tasks; nothing where these are judged by different
    /// metrics, which have none.
    pub mean: Option<Outcome>,
    /// Mean over the tasks of the share by which a task is better than the
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
        let columns = groups.iter().map(|group| columns(group, split));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
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
        correct(tasks.filter_map(|outcome| outcome.difference.as_mut()));
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
        task.map_or(self.mean.as_ref(), |task| self.tasks.get(task))
    }

    /// Seeds that this method and the first have in common, if at least two.
    pub fn common_seeds(&self) -> Option<usize> {
        Some(self.tasks.first()?.difference?.seeds)
    }
}

fn columns(group: &Group, split: &str) -> Result<Vec<Seeded>, Error> {
    group.columns(split).ok_or_else(|| {
        let task = &group.runs[0].tasks[0];
        Error::NoResults {
            group: group.label.clone(),
            split: split.to_owned(),
            splits: task.results.keys().cloned().collect(),
        }
    })
}

/// `columns` has the values of each task, then of their mean, and `baseline`
/// those of the first method. Nothing only if there are no values.
fn method_results(
    group: &Group,
    columns: &[Seeded],
    baseline: Option<&[Seeded]>,
    results: &Results,
) -> Option<MethodResults> {
    let outcome = |index: usize| {
        let values: Vec<f64> = columns[index].iter().map(|(_, value)| *value).collect();
        Some(Outcome {
            estimate: Estimate::new(&values)?,
            difference: baseline.and_then(|b| Difference::new(&columns[index], &b[index])),
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
        tasks: (0..tasks).map(outcome).collect::<Option<_>>()?,
        mean: results.metric.as_ref().and_then(|_| outcome(tasks)),
        gain: baseline
            .zip(goals(results))
            .and_then(|(baseline, goals)| gain(&columns[..tasks], &baseline[..tasks], &goals)),
        parameter_share: over_tasks(|task| task.parameter_share)?,
        multiply_add_share: over_tasks(|task| task.multiply_add_share)?,
        multiply_adds: of_costs(costs().map(|cost| cost.multiply_adds).collect()),
        seconds: of_costs(costs().map(|cost| cost.seconds).collect()),
    })
}

/// Which way each task is better, if that is known of all.
fn goals(results: &Results) -> Option<Vec<Goal>> {
    results.tasks.iter().map(|task| task.metric.goal).collect()
}

/// Mean over the tasks of the relative gain over the baseline, seed by seed.
fn gain(columns: &[Seeded], baseline: &[Seeded], goals: &[Goal]) -> Option<Estimate> {
    let of_seed = |place: usize| {
        let seed = columns.first()?[place].0;
        let of_task = |((column, baseline), goal): ((&Seeded, &Seeded), &Goal)| {
            let (_, base) = baseline.iter().find(|(other, _)| *other == seed)?;
            let sign = match goal {
                Goal::Maximize => 1.0,
                Goal::Minimize => -1.0,
            };
            let gain = sign * (column[place].1 - base) / base.abs();
            gain.is_finite().then_some(gain)
        };
        let gains = columns.iter().zip(baseline).zip(goals).map(of_task);
        mean(gains.collect::<Option<Vec<_>>>()?.into_iter())
    };
    let seeds = columns.first()?.len();
    let gains: Vec<f64> = (0..seeds).filter_map(of_seed).collect();
    (gains.len() > 1).then(|| Estimate::new(&gains)).flatten()
}
