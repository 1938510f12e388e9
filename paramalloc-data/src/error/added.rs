//! What is wrong with tasks that are added to a run.

use paramalloc_core::text;
use thiserror::Error;

/// What is wrong with tasks that are added to those of a run.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AddedProblem {
    /// Two tasks have one name.
    #[error("the run has a task `{}` already; give the new one another name", text::name(.task))]
    SameTask {
        /// Name of the task.
        task: String,
    },
    /// The first tasks are of other data than the run was trained on.
    #[error(
        "the data of the run's own tasks ({data}) are not those that it was trained on; put them back"
    )]
    OtherData {
        /// Name of the data.
        data: String,
    },
    /// No data source of this crate has the run's own tasks.
    #[error(
        "the run's own tasks are from the data source `{source_name}`, which only its own program knows"
    )]
    UnknownSource {
        /// Name of the source.
        source_name: String,
    },
    /// A table for a run that is none on a table.
    #[error(
        "the run was not trained on a table, so its inputs are not columns; give the new tasks as directories: --data-dir DIR"
    )]
    NoTable,
    /// A directory of tasks for a run on a table.
    #[error(
        "the run was trained on a table, so its inputs are columns; give the new tasks as a table: --table FILE"
    )]
    OnTable,
    /// The run learns from images that a table names.
    #[error(
        "the run was trained on images that a table names, to which no tasks can be added; train all of them anew"
    )]
    OnImages,
}
