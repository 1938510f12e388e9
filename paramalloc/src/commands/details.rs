//! How well one checkpoint does on a split, in all metrics that its targets have,
//! with intervals.

use std::collections::BTreeMap;
use std::sync::Arc;

use paramalloc_core::data::{Examples, Inputs, Task};
use paramalloc_core::metric::{self, Metric, Predictions};
use paramalloc_core::random::{Purpose, Random};
use paramalloc_core::train::Trainer;
use paramalloc_plot::format;
use paramalloc_plot::table::{Column, lines};

use super::bootstrap::{Interval, Resamples};
use crate::error::Error;

/// Resamples of the rows.
const RESAMPLES: usize = 1000;
/// So many rows are drawn in all, at most: fewer resamples of many rows.
const MOST_ROWS: usize = 20_000_000;

/// What the network makes of the examples of a task.
struct Predicted<'a> {
    task: &'a Task,
    examples: &'a Examples,
    outputs: Vec<f32>,
}

impl Predicted<'_> {
    /// A metric where the examples weigh this.
    fn value(&self, metric: &dyn Metric, weights: Option<&[f32]>, kind: Kind) -> Option<f64> {
        let mut targets = self.examples.weighted_targets();
        targets.weights = weights.or(targets.weights);
        metric.value(&Predictions {
            outputs: &self.outputs,
            width: self.task.outputs,
            targets,
            kind,
        })
    }
}

type Kind = paramalloc_core::data::TargetKind;

/// A row for each task with its metric and a 95 % interval of that (bootstrap over
/// the rows of the split, those that tasks share drawn for all of them at once),
/// and below the means of the other metrics. Nothing where tasks have no such
/// split.
///
/// # Errors
/// If the device fails.
pub fn text(
    trainer: &mut Trainer,
    tasks: &[Task],
    metric: &dyn Metric,
    split: &str,
) -> Result<String, Error> {
    let Some(kind) = trainer.plan().loss.target_kind() else {
        return Ok(String::new());
    };
    let mut all = Vec::new();
    for (index, task) in tasks.iter().enumerate() {
        let Some((_, examples)) = task.evaluation.iter().find(|(name, _)| name == split) else {
            return Ok(String::new());
        };
        all.push(Predicted {
            task,
            examples,
            outputs: trainer.predict(index, examples)?,
        });
    }
    let values: Vec<Option<f64>> = all.iter().map(|of| of.value(metric, None, kind)).collect();
    let (intervals, mean_interval) = intervals(&all, metric, kind);
    let shown = |value: Option<f64>| {
        value.map_or("-".to_owned(), |value| format::metric(metric.name(), value))
    };
    let shown_interval = |interval: &Option<Interval>| match interval {
        Some(Interval { low, high }) => format!("{} to {}", shown(Some(*low)), shown(Some(*high))),
        None => "-".to_owned(),
    };
    let names = all.iter().map(|of| of.task.name.clone());
    let rows = all.iter().map(|of| of.examples.len().to_string());
    let mean = mean(values.iter().copied());
    let columns = [
        Column::left("task", names.chain(["mean".to_owned()])),
        Column::right(
            &format::words(metric.name()),
            values.iter().copied().chain([mean]).map(shown),
        ),
        Column::right(
            "95 % interval",
            intervals.iter().chain([&mean_interval]).map(shown_interval),
        ),
        Column::right("rows", rows.chain([String::new()])),
    ];
    let mut text = lines(&columns).join("\n") + "\n";
    let others = others(&all, metric, kind);
    if !others.is_empty() {
        text += &format!("other means: {}\n", others.join(", "));
    }
    Ok(text)
}

/// The means of the other metrics of these targets.
fn others(all: &[Predicted<'_>], metric: &dyn Metric, kind: Kind) -> Vec<String> {
    let metrics = metric::NAMES.iter().filter(|name| **name != metric.name());
    let metrics = metrics.filter_map(|name| metric::by_name(name).ok());
    let shown = metrics
        .filter(|other| other.accepts(kind))
        .filter_map(|other| {
            let value = mean(all.iter().map(|of| of.value(&*other, None, kind)))?;
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
fn intervals(
    all: &[Predicted<'_>],
    metric: &dyn Metric,
    kind: Kind,
) -> (Vec<Option<Interval>>, Option<Interval>) {
    let rows: usize = all.iter().map(|of| of.examples.len()).sum();
    let resamples = RESAMPLES.min(MOST_ROWS / rows.max(1)).max(100);
    let groups = groups(all);
    let random = Random::new(0);
    let mut of_tasks = vec![Resamples::default(); all.len()];
    let mut of_mean = Resamples::default();
    for resample in 0..resamples {
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
                let weights = (0..of.examples.len()).map(|example| {
                    let times = drawn.get(&of.examples.row(example)).copied();
                    times.unwrap_or(0.0) * own.map_or(1.0, |own| own[example])
                });
                let weights: Vec<f32> = weights.collect();
                values[member] = of.value(metric, Some(&weights), kind);
            }
        }
        for (of_task, &value) in of_tasks.iter_mut().zip(&values) {
            of_task.extend(value);
        }
        of_mean.extend(mean(values.into_iter()));
    }
    let of_tasks = of_tasks.into_iter().map(Resamples::interval);
    (of_tasks.collect(), of_mean.interval())
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
