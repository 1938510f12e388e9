//! Where the batches of a run come from.

use paramalloc_core::data::Task;
use paramalloc_core::error::Error as CoreError;
use paramalloc_core::random::Random;
use paramalloc_core::train::{JointSampler, Sampler, StepReport, Trainer};

use crate::error::Error;
use crate::settings::{Batches, Settings};

/// Where the batches of a run come from.
#[derive(Debug)]
pub enum Batching {
    /// Tasks take turns, each with batches of its own.
    Alternating(Sampler),
    /// A batch serves all tasks.
    Joint(JointSampler),
}

impl Batching {
    /// As the settings say.
    ///
    /// # Errors
    /// If joint batches are asked for where there are none: tasks do not share their
    /// inputs, some are not trained, or classes are to be balanced.
    pub fn new(settings: &Settings, tasks: &[Task]) -> Result<Self, Error> {
        let random = Random::new(settings.seed);
        let size = settings.batch_size;
        if settings.batches != Some(Batches::Joint) {
            let sampler = Sampler::new(random, size).balanced(settings.balanced_batches);
            return Ok(Self::Alternating(sampler));
        }
        let refuse = |why| Err(Error::refused(why));
        if settings.balanced_batches {
            return refuse(
                "--balanced-batches chooses examples for each task, and joint batches have the same for all; add --batches alternating",
            );
        }
        if settings.frozen_tasks > 0 {
            return refuse(
                "joint batches train all tasks, but frozen_tasks says that some are not trained; add --batches alternating",
            );
        }
        match JointSampler::new(random, size, tasks) {
            Some(sampler) => Ok(Self::Joint(sampler)),
            None => refuse(
                "--batches joint needs tasks that share their inputs, as the columns of a table do, with one target each on an input; use --batches alternating",
            ),
        }
    }

    /// Trains on the next batch. Gives the reports of its tasks in the order of their
    /// task steps.
    ///
    /// # Errors
    /// If the loss is not finite, for example.
    pub fn step(
        &mut self,
        trainer: &mut Trainer,
        tasks: &[Task],
    ) -> Result<Vec<(usize, StepReport)>, Error> {
        let step = trainer.global_step();
        let trained = trainer.trained();
        let round = step / trained.len() as u64;
        let (task, done) = match self {
            Self::Alternating(sampler) => {
                let task = trained.start + sampler.task(step, trained.len());
                let input_len = trainer.plan().input.len();
                let batch = sampler.batch(task, &tasks[task], round, input_len);
                let report = trainer.task_step(task, &batch.inputs, batch.targets());
                (Some(task), report.map(|report| vec![(task, report)]))
            }
            Self::Joint(sampler) => {
                let batch = sampler.batch(tasks, round);
                let reports = trainer.step_all(&batch.inputs, &batch.targets());
                (
                    None,
                    reports.map(|all| all.into_iter().enumerate().collect()),
                )
            }
        };
        done.map_err(|source| Error::Step {
            task: match task.or_else(|| task_of(&source)) {
                Some(task) => tasks[task].name.clone(),
                None => "the batch of all tasks".to_owned(),
            },
            source,
        })
    }
}

/// The task whose part of a joint batch failed.
fn task_of(error: &CoreError) -> Option<usize> {
    match error {
        CoreError::LossNotFinite { task, .. }
        | CoreError::RouterGradientNotFinite { task, .. }
        | CoreError::PenaltyGradientNotFinite { task, .. }
        | CoreError::TaskExamples { task, .. } => Some(*task),
        _ => None,
    }
}
