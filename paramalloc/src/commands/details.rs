//! How well one checkpoint does on a split, in all metrics that its targets have,
//! with intervals.

use std::collections::BTreeMap;
use std::sync::Arc;

use paramalloc_core::data::{Examples, Inputs, TargetKind, Task};
use paramalloc_core::metric::{self, Metric, Predictions};
use paramalloc_core::random::{Purpose, Random};
use paramalloc_core::train::Trainer;
use paramalloc_plot::format;
use paramalloc_plot::table::{Column, lines};

use super::bootstrap::{Interval, Resamples};
use crate::error::Error;
use crate::interrupt;
use crate::task_metrics::TaskMetrics;

/// Resamples of the rows.
const RESAMPLES: usize = 1000;
/// So many rows are drawn in all, at most: fewer resamples of many rows.
const MOST_ROWS: usize = 20_000_000;

/// What the network makes of the examples of a task.
struct Predicted<'a> {
    task: &'a Task,
    examples: &'a Examples,
    outputs: Vec<f32>,
    /// What the task is judged by.
    metric: &'a dyn Metric,
    kind: TargetKind,
}

impl Predicted<'_> {
    /// A metric where the examples weigh this, in the task's units.
    fn value(&self, metric: &dyn Metric, weights: Option<&[f32]>) -> Option<f64> {
        let mut targets = self.examples.weighted_targets();
        targets.weights = weights.or(targets.weights);
        let value = metric.value(&Predictions {
            outputs: &self.outputs,
            width: self.task.outputs,
            targets,
            kind: self.kind,
        });
        value.map(|value| metric.in_units(value, self.task.unit))
    }

    /// A value of the task's metric for people.
    fn shown(&self, value: Option<f64>) -> String {
        value.map_or("-".to_owned(), |value| {
            format::metric(self.metric.name(), value)
        })
    }

    fn shown_interval(&self, interval: &Option<Interval>) -> String {
        match interval {
            Some(Interval { low, high }) => {
                let [low, high] = [*low, *high].map(|value| self.shown(Some(value)));
                format!("{low} to {high}")
            }
            None => "-".to_owned(),
        }
    }
}

/// A row for each task with its metric and a 95 % interval of that (bootstrap over
/// the rows of the split, those that tasks share drawn for all of them at once),
/// and below the means of the other metrics. Tasks that are judged by different
/// metrics have no means. Nothing where tasks have no such split.
///
/// # Errors
/// If the device fails, or [`Error::Interrupted`].
pub fn text(
    trainer: &mut Trainer,
    tasks: &[Task],
    metrics: &TaskMetrics,
    split: &str,
) -> Result<String, Error> {
    let mut all = Vec::new();
    for (index, task) in tasks.iter().enumerate() {
        let Some((_, examples)) = task.evaluation.iter().find(|(name, _)| name == split) else {
            return Ok(String::new());
        };
        let Some(kind) = trainer.plan().heads[index].loss.target_kind() else {
            return Ok(String::new());
        };
        refuse_if_asked()?;
        all.push(Predicted {
            task,
            examples,
            outputs: trainer.predict(index, examples)?,
            metric: metrics.of(index),
            kind,
        });
    }
    table(&all, metrics.common())
}

/// An interruption ends all of it: on many rows the intervals take a while.
fn refuse_if_asked() -> Result<(), Error> {
    match interrupt::asked() {
        true => Err(Error::Interrupted),
        false => Ok(()),
    }
}

/// The table; `common` is the metric of all tasks, if they have one.
///
/// # Errors
/// [`Error::Interrupted`].
fn table(all: &[Predicted<'_>], common: Option<&dyn Metric>) -> Result<String, Error> {
    let values: Vec<Option<f64>> = all.iter().map(|of| of.value(of.metric, None)).collect();
    let (intervals, mean_interval) = intervals(all)?;
    let results = all.iter().zip(&values);
    let mut names: Vec<String> = all.iter().map(|of| of.task.name.clone()).collect();
    let mut results: Vec<String> = results.map(|(of, value)| of.shown(*value)).collect();
    let ranges = all.iter().zip(&intervals);
    let mut ranges: Vec<String> = ranges.map(|(of, range)| of.shown_interval(range)).collect();
    let rows = all.iter().map(|of| of.examples.len().to_string());
    let mut rows: Vec<String> = rows.collect();
    let metrics = all.iter().map(|of| format::words(of.metric.name()));
    let heading = common.map_or("result".to_owned(), |metric| format::words(metric.name()));
    let mut columns = Vec::new();
    match all.first().filter(|_| common.is_some()) {
        Some(of) => {
            names.push("mean".to_owned());
            results.push(of.shown(mean(values.iter().copied())));
            ranges.push(of.shown_interval(&mean_interval));
            rows.push(String::new());
            columns.push(Column::left("task", names));
        }
        None => columns.extend([Column::left("task", names), Column::left("metric", metrics)]),
    }
    columns.push(Column::right(&heading, results));
    columns.push(Column::right("95 % interval", ranges));
    columns.push(Column::right("rows", rows));
    let mut text = lines(&columns).join("\n") + "\n";
    let others = common.map_or(Vec::new(), |metric| others(all, metric));
    if !others.is_empty() {
        text += &format!("other means: {}\n", others.join(", "));
    }
    Ok(text)
}

/// The means of the other metrics of these targets.
fn others(all: &[Predicted<'_>], metric: &dyn Metric) -> Vec<String> {
    let metrics = metric::NAMES.iter().filter(|name| **name != metric.name());
    let metrics = metrics.filter_map(|name| metric::by_name(name).ok());
    let shown = metrics
        .filter(|other| all.iter().all(|of| other.accepts(of.kind)))
        // Errors in different units have no mean.
        .filter(|other| {
            let mut units = all.iter().map(|of| other.in_units(1.0, of.task.unit));
            let first = units.next();
            units.all(|unit| Some(unit) == first)
        })
        .filter_map(|other| {
            let value = mean(all.iter().map(|of| of.value(&*other, None)))?;
            let name = format::words(other.name());
            Some(format!("{name} {}", format::metric(other.name(), value)))
        });
    shown.collect()
}

/// The mean of those that are defined, if any is.
fn mean(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    format::mean(values.flatten())
}

/// The interval of each task, and that of their mean.
type Intervals = (Vec<Option<Interval>>, Option<Interval>);

/// The intervals of all tasks.
///
/// # Errors
/// [`Error::Interrupted`].
fn intervals(all: &[Predicted<'_>]) -> Result<Intervals, Error> {
    let rows: usize = all.iter().map(|of| of.examples.len()).sum();
    let resamples = RESAMPLES.min(MOST_ROWS / rows.max(1)).max(100);
    let groups = groups(all);
    let random = Random::new(0);
    let mut of_tasks = vec![Resamples::default(); all.len()];
    let mut of_mean = Resamples::default();
    for resample in 0..resamples {
        refuse_if_asked()?;
        let mut values = vec![None; all.len()];
        for (number, Group { rows, members, .. }) in groups.iter().enumerate() {
            let mut stream = random.stream(Purpose::Data, resample as u64, number as u64);
            let mut drawn: BTreeMap<usize, f32> = BTreeMap::new();
            for _ in 0..rows.len() {
                *drawn.entry(rows[stream.below(rows.len())]).or_default() += 1.0;
            }
            for &member in members {
                let of = &all[member];
                let own = of.examples.weights();
                let pixels = of.examples.pixels();
                let weights = (0..of.examples.len() * pixels).map(|label| {
                    let times = drawn.get(&of.examples.row(label / pixels)).copied();
                    times.unwrap_or(0.0) * own.map_or(1.0, |own| own[label])
                });
                let weights: Vec<f32> = weights.collect();
                values[member] = of.value(of.metric, Some(&weights));
            }
        }
        for (of_task, &value) in of_tasks.iter_mut().zip(&values) {
            of_task.extend(value);
        }
        of_mean.extend(mean(values.into_iter()));
    }
    let of_tasks = of_tasks.into_iter().map(Resamples::interval);
    Ok((of_tasks.collect(), of_mean.interval()))
}

/// Tasks that share their inputs.
struct Group<'a> {
    inputs: &'a Arc<dyn Inputs>,
    /// The rows of these that any of the tasks has.
    rows: Vec<usize>,
    members: Vec<usize>,
}

/// The tasks by their inputs.
fn groups<'a>(all: &'a [Predicted<'_>]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for (index, of) in all.iter().enumerate() {
        let inputs = of.examples.inputs();
        let rows = (0..of.examples.len()).map(|example| of.examples.row(example));
        let known = groups
            .iter_mut()
            .find(|group| Arc::ptr_eq(group.inputs, inputs));
        match known {
            Some(group) => {
                group.rows.extend(rows);
                group.members.push(index);
            }
            None => groups.push(Group {
                inputs,
                rows: rows.collect(),
                members: vec![index],
            }),
        }
    }
    for group in &mut groups {
        group.rows.sort_unstable();
        group.rows.dedup();
    }
    groups
}
