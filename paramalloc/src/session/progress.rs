//! What a run has come to.

use paramalloc_core::data::{Examples, Task};
use paramalloc_core::metric::Metric;
use paramalloc_core::summary::EvaluationMetric;
use paramalloc_core::train::{StepReport, Trainer};
use paramalloc_plot::allocation_table::AllocationTable;

use crate::display::{self, Activity, View};
use crate::error::Error;
use crate::session::pace::Pace;
use crate::session::sums::temperature;
use crate::settings::config::RunConfig;
use crate::task_metrics::{TaskMetrics, TaskResult};

/// Weight of the newest task step in the loss that is shown.
const NEWEST: f64 = 0.02;

/// A run as it stands.
pub struct Progress<'a> {
    /// What it was started with.
    pub config: &'a RunConfig,
    /// Its tasks.
    pub tasks: &'a [Task],
    /// What each is judged by.
    pub metrics: &'a TaskMetrics,
    /// The network in training.
    pub trainer: &'a mut Trainer,
    /// The latest evaluation.
    pub last_evaluation: Option<EvaluationMetric>,
    /// How fast it goes.
    pub pace: Pace,
    /// Loss of each task over its last steps, roughly a hundred.
    pub recent_loss: Vec<Option<f64>>,
}

impl Progress<'_> {
    /// Takes note of a task step.
    pub fn count(&mut self, task: usize, report: &StepReport) {
        let recent = &mut self.recent_loss[task];
        let before = recent.unwrap_or(report.task_loss);
        *recent = Some(before + NEWEST * (report.task_loss - before));
    }

    /// The metric and the loss of a task on a split.
    ///
    /// # Errors
    /// [`Error::Evaluation`], if the loss is not finite for example.
    pub fn result(
        &mut self,
        task: usize,
        split: &str,
        examples: &Examples,
    ) -> Result<TaskResult, Error> {
        let named = (task, &self.tasks[task]);
        result_of(self.trainer, named, split, examples, self.metrics.of(task))
    }

    /// What a display needs to know.
    pub fn view<'a>(&'a self, activity: Activity<'a>) -> View<'a> {
        let (done, total) = (self.trainer.global_step(), self.trainer.total_task_steps());
        let temperature = Some(temperature(self.trainer)).filter(|&t| t > 0.0);
        View {
            activity,
            tasks: self.tasks.iter().map(|t| t.name.as_str()).collect(),
            done,
            total,
            per_second: self.pace.per_second(done),
            time_left: self.pace.time_left(done, total),
            temperature,
            recent_loss: &self.recent_loss,
            evaluation: self.last_evaluation.as_ref(),
            metrics: self.metrics.names(),
            allocations: AllocationTable::of_routers(self.trainer.routers()),
            memory: display::resident(),
        }
    }
}

/// The metric, in the task's units, and the loss of task number `index` on some examples.
///
/// # Errors
/// [`Error::Evaluation`], if the loss is not finite for example.
pub fn result_of(
    trainer: &mut Trainer,
    (index, task): (usize, &Task),
    split: &str,
    examples: &Examples,
    metric: &dyn Metric,
) -> Result<TaskResult, Error> {
    let evaluated = trainer.evaluate_by(index, examples, metric);
    let evaluation = evaluated.map_err(|source| Error::Evaluation {
        task: task.name.clone(),
        split: split.to_owned(),
        source,
    })?;
    let value = evaluation.metric;
    let value = value.map(|value| metric.in_units(value, task.unit));
    Ok(TaskResult {
        value: value.unwrap_or(f64::NAN),
        loss: evaluation.loss,
    })
}
