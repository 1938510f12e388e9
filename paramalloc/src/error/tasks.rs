//! What keeps a set of examples from being learned or evaluated on.

/// What keeps a set of examples from being learned or evaluated on.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// There is no example.
    #[error("there are no examples; add some, or leave the task out")]
    Empty,
    /// A class that the task does not have.
    #[error("an example is of class {class}, but the task has {classes} classes, numbered from 0")]
    Class {
        /// The largest class of an example.
        class: u16,
        /// Classes of the task.
        classes: usize,
    },
    /// Too many or too few values to predict.
    #[error(
        "there are {found} values to predict, but {examples} examples with {outputs} outputs need {}",
        examples * outputs
    )]
    Values {
        /// Values that there are.
        found: usize,
        /// Examples.
        examples: usize,
        /// Outputs of the task.
        outputs: usize,
    },
    /// Values where the network tells classes apart.
    #[error(
        "there are values to predict, but the network tells classes apart; give the classes as integers, or let the head end in `outputs = .., loss = Loss::MeanSquaredError`"
    )]
    ValuesForClasses,
    /// Classes where the network predicts values.
    #[error(
        "there are classes, but the network predicts values; give the values as floating-point numbers, or let the head end in `classes_from_data`"
    )]
    ClassesForValues,
}
