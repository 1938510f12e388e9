//! What keeps tasks from being judged.

/// What keeps a task from being judged by its metric.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum MetricError {
    /// A metric that cannot judge what a task's loss learns.
    #[error(
        "the metric {metric} does not take the targets of {task}, whose loss is {loss}; choose another one, or none, so that each task is judged by the metric of its loss"
    )]
    Targets {
        /// The metric.
        metric: String,
        /// The task.
        task: String,
        /// Its loss.
        loss: String,
    },
    /// Nothing says which loss a task has, or it is only named.
    #[error(
        "the loss of {task} is not known to this program; run the program that defines it, and name it there by `Experiment::loss`"
    )]
    NoLoss {
        /// The task.
        task: String,
    },
}
