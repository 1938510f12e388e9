//! What a run has come to.

use std::time::{Duration, Instant};

use paramalloc_core::data::{Examples, Task};
use paramalloc_core::network::Loss;
use paramalloc_core::summary::{DataIdentity, EvaluationMetric};
use paramalloc_core::train::{StepReport, Trainer};

use super::config::Settings;
use super::display::{Activity, View};
use super::metrics::temperature;
use super::stop::Stop;
use paramalloc_plot::allocation_table::AllocationTable;

/// Weight of the newest task step in the loss that is shown.
const NEWEST: f64 = 0.02;

/// A run as it stands.
pub struct Progress<'a> {
    /// Name of the experiment.
    pub experiment: &'a str,
    /// Its settings.
    pub settings: &'a Settings,
    /// Its tasks.
    pub tasks: &'a [Task],
    /// Its data.
    pub data: &'a DataIdentity,
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

    /// The metric of a task on a split.
    ///
    /// # Errors
    /// If it is not a finite number.
    pub fn result(
        &mut self,
        task: usize,
        split: &str,
        examples: &dyn Examples,
    ) -> Result<f64, Stop> {
        result_of(self.trainer, task, &self.tasks[task].name, split, examples)
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
            metric: super::outcome::metric(self.trainer.plan.loss),
            allocations: AllocationTable::of(&self.trainer.routers),
        }
    }
}

/// The metric of task `task`, called `name`, on some examples.
///
/// # Errors
/// If it is not a finite number.
pub fn result_of(
    trainer: &mut Trainer,
    task: usize,
    name: &str,
    split: &str,
    examples: &dyn Examples,
) -> Result<f64, Stop> {
    let evaluation = trainer
        .evaluate(task, examples)
        .map_err(|e| Stop::Failure(format!("{name}: {e}")))?;
    let result = match trainer.plan.loss {
        Loss::SoftmaxCrossEntropy => evaluation.accuracy,
        Loss::MeanSquaredError => evaluation.loss,
    };
    if result.is_finite() {
        return Ok(result);
    }
    Err(Stop::Failure(format!(
        "{name}: the loss on its {split} examples became {result}; try a lower --learning-rate, or set a --clip-norm"
    )))
}

/// Speed of training, with the time of evaluations kept apart.
#[derive(Clone, Debug)]
pub struct Pace {
    start: Instant,
    first_step: u64,
    evaluating: Duration,
    evaluation_start: Option<Instant>,
    /// How long the last whole evaluation took, if there was any.
    pub last_evaluation: Option<Duration>,
    /// Evaluations still to come.
    pub evaluations_left: u64,
}

impl Pace {
    /// Starts the clock at a task step, 0 but for a resumed run.
    pub fn start(first_step: u64, evaluations_left: u64) -> Self {
        Self {
            start: Instant::now(),
            first_step,
            evaluating: Duration::ZERO,
            evaluation_start: None,
            last_evaluation: None,
            evaluations_left,
        }
    }

    /// An evaluation begins.
    pub fn evaluation_starts(&mut self) {
        self.evaluation_start = Some(Instant::now());
    }

    /// The evaluation is over.
    pub fn evaluation_ends(&mut self) {
        self.last_evaluation = self.end().or(self.last_evaluation);
    }

    /// The evaluation was given up, so that nobody knows how long it takes.
    pub fn evaluation_aborted(&mut self) {
        self.end();
    }

    fn end(&mut self) -> Option<Duration> {
        let took = self.evaluation_start.take()?.elapsed();
        self.evaluating += took;
        Some(took)
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Task steps per second of training since the start.
    pub fn per_second(&self, done: u64) -> f64 {
        let now = self.evaluation_start.unwrap_or_else(Instant::now);
        let training = (now - self.start).saturating_sub(self.evaluating);
        done.saturating_sub(self.first_step) as f64 / training.as_secs_f64().max(1e-6)
    }

    /// Time to the end of the run, once it can be told.
    pub fn time_left(&self, done: u64, total: u64) -> Option<Duration> {
        let training = (total - done) as f64 / self.per_second(done);
        let each = self.last_evaluation.unwrap_or_default();
        let evaluations = each.as_secs_f64() * self.evaluations_left as f64;
        let under_way = self
            .evaluation_start
            .map_or(0.0, |s| s.elapsed().as_secs_f64());
        let left = training + (evaluations - under_way).max(0.0);
        Duration::try_from_secs_f64(left).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_evaluation_that_was_given_up_tells_nothing_of_the_next() {
        let mut pace = Pace::start(0, 2);
        assert_eq!(pace.last_evaluation, None);
        pace.evaluation_starts();
        pace.evaluation_aborted();
        assert_eq!((pace.last_evaluation, pace.evaluation_start), (None, None));
        pace.evaluation_starts();
        pace.evaluation_ends();
        let whole = pace.last_evaluation;
        assert!(whole.is_some());
        pace.evaluation_starts();
        std::thread::sleep(Duration::from_millis(2));
        pace.evaluation_aborted();
        assert_eq!(pace.last_evaluation, whole);
        assert!(pace.evaluating >= Duration::from_millis(2));
    }
}
