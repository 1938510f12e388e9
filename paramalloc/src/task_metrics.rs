//! What each task is judged by.

use std::sync::Arc;

use paramalloc_core::data::{TargetKind, Task};
use paramalloc_core::metric::{Goal, Metric, by_name, of_loss};
use paramalloc_core::network::{Network, TaskHead};
use paramalloc_core::summary::EvaluationMetric;

use crate::error::{Error, MetricError};
use crate::metric_names::MetricNames;
use crate::settings::Settings;

/// In place of the name of a metric: each task is judged by one that fits the kind of
/// its targets, that rare classes do not distort and that does not depend on units.
pub const BY_KIND: &str = "by_kind";

/// What a setting chooses.
#[derive(Clone)]
enum Choice {
    /// One for all tasks.
    One(Arc<dyn Metric>),
    /// [`BY_KIND`].
    ByKind,
    /// That of each task's loss.
    OfLoss,
}

impl Choice {
    fn new(setting: Option<&str>, own: Option<&Arc<dyn Metric>>) -> Result<Self, Error> {
        Ok(match setting {
            Some(BY_KIND) => Self::ByKind,
            Some(name) => Self::One(by_name(name)?),
            None => own.map_or(Self::OfLoss, |own| Self::One(own.clone())),
        })
    }
}

fn of_kind(kind: TargetKind) -> Result<Arc<dyn Metric>, Error> {
    Ok(by_name(match kind {
        TargetKind::Labels => "roc_auc",
        TargetKind::Classes => "balanced_accuracy",
        _ => "r2",
    })?)
}

/// What a task comes to on some examples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TaskResult {
    /// Its metric; NaN where that is undefined.
    pub value: f64,
    /// Its loss.
    pub loss: f64,
}

/// The metric that each task is judged by.
#[derive(Clone, Debug)]
pub struct TaskMetrics {
    metrics: Vec<Arc<dyn Metric>>,
    names: MetricNames,
}

impl TaskMetrics {
    /// Of tasks, each with its name and head: the metric of the settings, else
    /// `own`, else each task is judged by that of its loss.
    ///
    /// # Errors
    /// If there is no such metric, it does not take the targets of a task, or
    /// a loss is not bound.
    pub fn new(
        own: Option<&Arc<dyn Metric>>,
        network: &Network,
        tasks: impl IntoIterator<Item = (String, TaskHead)>,
        settings: &Settings,
    ) -> Result<Self, Error> {
        let chosen = Choice::new(settings.metric.as_deref(), own)?;
        let tasks = tasks.into_iter().enumerate();
        let metrics = tasks.map(|(index, (name, head))| {
            let loss = network.head.task_loss(index, &head);
            // A trainer refuses a task without a loss, or one that is not bound.
            let kind = loss.as_ref().and_then(|loss| loss.target_kind());
            let (Some(loss), Some(kind)) = (&loss, kind) else {
                return Err(MetricError::NoLoss { task: name }.into());
            };
            let metric = match &chosen {
                Choice::One(chosen) if !chosen.accepts(kind) => {
                    return Err(Error::Metric(MetricError::Targets {
                        metric: chosen.name().to_owned(),
                        loss: loss.name().to_owned(),
                        task: name,
                    }));
                }
                Choice::One(chosen) => Some(chosen.clone()),
                Choice::ByKind => Some(of_kind(kind)?),
                Choice::OfLoss => of_loss(loss),
            };
            let metric = metric.ok_or_else(|| MetricError::NoLoss { task: name.clone() })?;
            Ok((name, metric))
        });
        metrics.collect::<Result<_, _>>().map(Self::of_named)
    }

    /// Refuses the name of a metric that there is not.
    ///
    /// # Errors
    /// That it is none.
    pub fn check(settings: &Settings) -> Result<(), Error> {
        Choice::new(settings.metric.as_deref(), None).map(drop)
    }

    /// The metrics of these tasks: errors in different units have no mean either.
    #[must_use]
    pub fn of_tasks(mut self, tasks: &[Task]) -> Self {
        let factors = self.metrics.iter().zip(tasks);
        let factors = factors.map(|(metric, task)| metric.in_units(1.0, task.unit));
        let factors: Vec<f64> = factors.collect();
        if factors.iter().any(|factor| *factor != factors[0]) {
            self.names = self.names.without_mean();
        }
        self
    }

    fn of_named(named: Vec<(String, Arc<dyn Metric>)>) -> Self {
        let names = named.iter();
        let names = names.map(|(task, metric)| (task.clone(), metric.name().to_owned()));
        Self {
            names: MetricNames::new(names.collect()),
            metrics: named.into_iter().map(|(_, metric)| metric).collect(),
        }
    }

    /// The same metric for each of these tasks.
    #[cfg(test)]
    pub fn all(names: &[&str], metric: impl Metric + 'static) -> Self {
        let metric: Arc<dyn Metric> = Arc::new(metric);
        let named = |name: &&str| ((*name).to_owned(), metric.clone());
        Self::of_named(names.iter().map(named).collect())
    }

    /// What task `task` is judged by.
    ///
    /// # Panics
    /// If there is no such task.
    pub fn of(&self, task: usize) -> &dyn Metric {
        &*self.metrics[task]
    }

    /// What all tasks are judged by; nothing where they have different
    /// metrics or units, of which a mean says nothing.
    pub fn common(&self) -> Option<&dyn Metric> {
        let first = self.metrics.first()?;
        self.names.common().map(|_| &**first)
    }

    /// What results are called.
    pub fn names(&self) -> &MetricNames {
        &self.names
    }

    /// Which way the mean is better by which checkpoints are chosen: that of the
    /// metric of all tasks, or where they have different ones of their losses.
    pub fn goal(&self) -> Goal {
        self.common().map_or(Goal::Minimize, Metric::goal)
    }

    /// Takes note of the result of a task, in the order of the tasks.
    pub fn add(&self, evaluation: &mut EvaluationMetric, split: &str, result: TaskResult) {
        let results = evaluation.results.entry(split.to_owned());
        results.or_default().push(result.value);
        if self.common().is_none() {
            let losses = evaluation.losses.entry(split.to_owned());
            losses.or_default().push(result.loss);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use paramalloc_core::data::{Examples, FloatInputs};
    use paramalloc_core::loss::Loss;
    use paramalloc_core::metric::{R2, RootMeanSquaredError};
    use paramalloc_core::network::shape::Dims;

    fn metrics(metric: Option<&str>) -> Result<TaskMetrics, Error> {
        let network = Network::builder("Mixed", Dims::features(3)).head_from_data("head");
        let head = |loss| TaskHead::new(2).loss(Some(loss));
        let tasks = [
            ("digit".to_owned(), head(Loss::SoftmaxCrossEntropy)),
            ("age".to_owned(), head(Loss::Huber)),
        ];
        let settings = Settings {
            metric: metric.map(str::to_owned),
            ..Settings::default()
        };
        TaskMetrics::new(None, &network.build().unwrap(), tasks, &settings)
    }

    #[test]
    fn each_task_is_judged_by_the_metric_of_its_loss_and_no_mean_is_taken() {
        let metrics = metrics(None).unwrap();
        assert_eq!(metrics.of(0).name(), "accuracy");
        assert_eq!(metrics.of(1).name(), "mean_absolute_error");
        assert!(metrics.common().is_none());
        assert_eq!(
            metrics.names().metrics(),
            ["accuracy", "mean_absolute_error"]
        );
    }

    #[test]
    fn by_kind_each_task_has_a_metric_that_fits_its_targets() {
        let metrics = metrics(Some("by_kind")).unwrap();
        assert_eq!(metrics.names().metrics(), ["balanced_accuracy", "r2"]);
        assert!(metrics.common().is_none());
        assert_eq!(metrics.goal(), Goal::Minimize);
    }

    #[test]
    fn errors_in_different_units_have_no_mean() {
        let metrics = || TaskMetrics::all(&["age", "income"], RootMeanSquaredError);
        let task = |unit| {
            let inputs = Arc::new(FloatInputs::new(1, vec![0.0]).unwrap());
            Task::new("task", 1, Examples::new(inputs, vec![0.5_f32]).unwrap()).unit(unit)
        };
        let same = metrics().of_tasks(&[task(3.0), task(3.0)]);
        assert!(same.common().is_some());
        let other = metrics().of_tasks(&[task(3.0), task(4.0)]);
        assert!(other.common().is_none());
        assert_eq!(other.names().mean_text(&[1.0, 2.0]), "-");
        let shares = TaskMetrics::all(&["age", "income"], R2);
        assert!(shares.of_tasks(&[task(3.0), task(4.0)]).common().is_some());
    }

    #[test]
    fn a_metric_must_take_the_targets_of_every_task() {
        let error = metrics(Some("accuracy")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the metric accuracy does not take the targets of age, whose loss is huber; choose another one, or none, so that each task is judged by the metric of its loss"
        );
    }
}
