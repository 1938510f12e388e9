//! What a run tells those who keep a record of it.

use std::path::Path;

use paramalloc_core::summary::{EvaluationMetric, Summary, TrainMetric};
use paramalloc_core::train::StepReport;

use crate::error::Error;

/// Keeps a record of a run: it receives what happens.
///
/// `metrics.jsonl` is written by the logger [`JsonLines`](crate::JsonLines),
/// which every run has; an experiment adds its own with
/// [`Experiment::logger`](crate::Experiment::logger). A logger changes nothing
/// of a run but can end it by an error.
pub trait Logger {
    /// Receives an event.
    ///
    /// # Errors
    /// If the record cannot be kept, which ends the run.
    fn log(&mut self, event: &Event<'_>) -> Result<(), Error>;
}

/// Something that happens in a run.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The run begins or resumes. After a resume the steps since the
    /// checkpoint come again, as they came before.
    #[non_exhaustive]
    Start {
        /// Names of the tasks, in order.
        tasks: &'a [&'a str],
        /// Task steps done: 0, or those of the checkpoint.
        step: u64,
    },
    /// A task step is done.
    #[non_exhaustive]
    Step {
        /// Task steps done, this one included.
        step: u64,
        /// Its task, counted from 0.
        task: usize,
        /// Its losses.
        report: &'a StepReport,
    },
    /// The train line of the steps since the one before.
    Train(&'a TrainMetric),
    /// All tasks were evaluated on all their splits.
    Evaluation(&'a EvaluationMetric),
    /// A checkpoint was written.
    #[non_exhaustive]
    Checkpoint {
        /// Task steps done.
        step: u64,
        /// The file.
        path: &'a Path,
    },
    /// The run ends, finished or interrupted.
    End(&'a Summary),
}
