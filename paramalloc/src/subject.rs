//! What is trained, evaluated or pruned.

use std::path::Path;
use std::sync::Arc;

use paramalloc_core::data::Task;
use paramalloc_core::metric::Metric;
use paramalloc_core::network::Network;
use paramalloc_core::train::Trainer;
use paramalloc_data::{DataSource, Normalization};

use crate::error::Error;
use crate::session::logger::Logger;
use crate::settings::Settings;
use crate::settings::config::Addition;
use crate::task_metrics::TaskMetrics;

/// Makes the loggers of the run in a directory.
pub type MakeLoggers<'a> = dyn Fn(&Path) -> Result<Vec<Box<dyn Logger>>, Error> + 'a;

/// What is trained.
pub struct Subject<'a> {
    /// Name of the experiment.
    pub experiment: &'a str,
    /// The network.
    pub network: &'a Network,
    /// Where the tasks come from.
    pub source: &'a dyn DataSource,
    /// What the experiment adds.
    pub additions: &'a [Addition],
    /// How the images of the tasks are normalized, where that is known before.
    pub normalization: Option<&'a Normalization>,
    /// What the tasks are judged by in place of the metric of the loss.
    pub metric: Option<Arc<dyn Metric>>,
    /// Whether its runs report the last parameters although they are validated.
    pub reports_last: bool,
    /// Gives the trainer the optimizer, the schedule and the penalties of the
    /// experiment's own.
    pub prepare: &'a dyn Fn(&mut Trainer) -> Result<(), Error>,
    /// Makes the experiment's own loggers for the run in a directory.
    pub loggers: &'a MakeLoggers<'a>,
}

impl Subject<'_> {
    /// What each of these tasks is judged by.
    ///
    /// # Errors
    /// If there is no such metric, it does not take the targets of a task, or
    /// a loss is not bound.
    pub fn metrics(&self, tasks: &[Task], settings: &Settings) -> Result<TaskMetrics, Error> {
        let heads = tasks.iter().map(|task| (task.name.clone(), task.into()));
        let metrics = TaskMetrics::new(self.metric.as_ref(), self.network, heads, settings)?;
        Ok(metrics.of_tasks(tasks))
    }
}
