//! What is wrong with the weights of tasks and classes.

use paramalloc_core::text::escaped;

use super::sentence::some;

/// What is wrong with the weights of tasks and classes.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeightError {
    /// A task that there is not.
    #[error("the task weights name `{}`, which is no task; the tasks are {}", escaped(.name), some(.tasks))]
    Task {
        /// The name.
        name: String,
        /// Names of the tasks.
        tasks: Vec<String>,
    },
    /// A class that there is not.
    #[error("the class weights name `{}`, which is no class; the classes are {}", escaped(.name), some(.classes))]
    Class {
        /// The name.
        name: String,
        /// Names of the classes.
        classes: Vec<String>,
    },
    /// There are no classes.
    #[error(
        "no task tells classes apart, so --class-weights and --balanced-batches have no effect; leave them out"
    )]
    NoClasses,
}
