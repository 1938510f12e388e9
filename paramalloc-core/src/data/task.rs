//! One task.

use std::borrow::Cow;

use super::examples::Examples;
use crate::loss::Loss;
use crate::text::escaped;

/// One task: its name, the width of its head and its examples.
///
/// ```
/// # use std::sync::Arc;
/// # use paramalloc_core::data::{Examples, FloatInputs, Task};
/// # fn main() -> Result<(), paramalloc_core::data::ExamplesError> {
/// # let examples = || Examples::new(Arc::new(FloatInputs::new(1, vec![0.0, 1.0])?), vec![0_u16, 1]);
/// # let (train, test) = (examples()?, examples()?);
/// let task = Task::new("parity", 2, train)
///     .class_names(["even", "odd"])
///     .evaluated_on("test", test);
/// # assert_eq!(task.evaluation.len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Task {
    /// Name shown to people, unique in a run.
    pub name: String,
    /// Tasks of one group are marked together in figures; may be empty.
    pub group: String,
    /// Width of the head: number of classes, labels or values to predict per
    /// example.
    pub outputs: usize,
    /// Names of the classes in order of their numbers, where they have some:
    /// none, or `outputs` of them.
    pub class_names: Vec<String>,
    /// Its loss, in place of the one that the network's head names for all
    /// tasks.
    pub loss: Option<Loss>,
    /// What its loss counts, beside those of the other tasks: above 0, 1 by
    /// default. It multiplies the mean over the batch.
    pub weight: f32,
    /// What examples of each class count in its loss; empty, or one weight of
    /// at least 0 for each class. Of labels, what each counts where an example has
    /// it, against 1 where it lacks it. Metrics do not use them.
    pub class_weights: Vec<f32>,
    /// What a difference of 1 between its targets is in the units of the user, above
    /// 0: errors are told in these. It is the deviation where targets are standardized,
    /// else 1.
    pub unit: f64,
    /// What the task trains on.
    pub train: Examples,
    /// What it is evaluated on, by name of the split, `train` and `test` for
    /// example.
    pub evaluation: Vec<(String, Examples)>,
}

impl Task {
    /// A task that trains on `train`, without a group, class names or
    /// anything to be evaluated on. Control characters in its name, as in those
    /// of its group and classes, become escapes ([`escaped`]).
    pub fn new(name: impl Into<String>, outputs: usize, train: Examples) -> Self {
        Self {
            name: clean(name),
            group: String::new(),
            outputs,
            class_names: Vec::new(),
            loss: None,
            weight: 1.0,
            class_weights: Vec::new(),
            unit: 1.0,
            train,
            evaluation: Vec::new(),
        }
    }

    /// Puts the task into a group.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = clean(group);
        self
    }

    /// Names its classes, in order of their numbers.
    pub fn class_names<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.class_names = names.into_iter().map(clean).collect();
        self
    }

    /// Sets its loss, in place of the one that the network's head names for
    /// all tasks. A network that fixes the loss of each task refuses another
    /// one.
    pub fn loss(mut self, loss: Loss) -> Self {
        self.loss = Some(loss);
        self
    }

    /// Sets what its loss counts beside those of the other tasks, above 0.
    pub fn weight(mut self, weight: f32) -> Self {
        self.weight = weight;
        self
    }

    /// Sets what examples of each class count in its loss: for an unbalanced
    /// set, more for a rare one. The loss of a batch is the weighted sum
    /// divided by the sum of the weights that occurred. For `labels(n)` they are
    /// `n` weights of the examples that have the label; those that lack it weigh 1.
    pub fn class_weights(mut self, weights: Vec<f32>) -> Self {
        self.class_weights = weights;
        self
    }

    /// Sets what a difference of 1 between its targets is in the units of the user,
    /// above 0.
    pub fn unit(mut self, unit: f64) -> Self {
        self.unit = unit;
        self
    }

    /// Adds a split to evaluate the task on, after those it has.
    pub fn evaluated_on(mut self, split: impl Into<String>, examples: Examples) -> Self {
        self.evaluation.push((split.into(), examples));
        self
    }
}

fn clean(name: impl Into<String>) -> String {
    let name = name.into();
    match escaped(&name) {
        Cow::Owned(escaped) => escaped,
        Cow::Borrowed(_) => name,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::inputs::FloatInputs;
    use super::*;

    #[test]
    fn names_cannot_act_on_a_terminal() {
        let inputs = Arc::new(FloatInputs::new(1, vec![0.0]).unwrap());
        let task = Task::new("a\nb", 2, Examples::new(inputs, vec![0_u16]).unwrap());
        let task = task.group("\x1b[2J").class_names(["no", "\r"]);
        assert_eq!(
            (task.name.as_str(), task.group.as_str()),
            (r"a\nb", r"\u{1b}[2J")
        );
        assert_eq!(task.class_names, ["no", r"\r"]);
    }
}
