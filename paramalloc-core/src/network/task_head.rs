//! What a task asks of its head.

use super::field::{Head, Outputs};
use crate::data::{Targets, Task};
use crate::loss::Loss;

/// What a task asks of its head: a width (a `usize` alone is one), and where it
/// has them a loss and weights of its own. A [`Task`] says all of it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TaskHead {
    /// Width of the head.
    pub outputs: usize,
    /// Its loss, in place of the one that the head names for all tasks.
    pub loss: Option<Loss>,
    /// Its loss where neither it nor the head names one.
    pub(crate) usual_loss: Option<Loss>,
    /// What its loss counts beside those of the other tasks, above 0.
    pub weight: f32,
    /// What examples of each class, or that have each label, count in its loss;
    /// empty, or `outputs` weights of at least 0.
    pub class_weights: Vec<f32>,
}

impl TaskHead {
    /// A head of this width with the loss that the network names.
    pub const fn new(outputs: usize) -> Self {
        Self {
            outputs,
            loss: None,
            usual_loss: None,
            weight: 1.0,
            class_weights: Vec::new(),
        }
    }

    /// The same with a loss of its own.
    #[must_use]
    pub fn loss(mut self, loss: Option<Loss>) -> Self {
        self.loss = loss;
        self
    }

    /// The same with a weight, above 0.
    #[must_use]
    pub fn weight(mut self, weight: f32) -> Self {
        self.weight = weight;
        self
    }

    /// The same with a weight for each class.
    #[must_use]
    pub fn class_weights(mut self, weights: Vec<f32>) -> Self {
        self.class_weights = weights;
        self
    }
}

impl Head {
    /// The loss of task `index`, which asks for this head: that which the
    /// network fixes for it, else the task's own, else that of the head, else
    /// the usual one for its targets. Nothing where none is named.
    pub fn task_loss(&self, index: usize, task: &TaskHead) -> Option<Loss> {
        if let Outputs::Tasks(_) = &self.outputs {
            return self.of_task(index).1.cloned();
        }
        let named = task.loss.as_ref().or(self.loss.as_ref());
        named.or(task.usual_loss.as_ref()).cloned()
    }
}

impl From<&Self> for TaskHead {
    fn from(head: &Self) -> Self {
        head.clone()
    }
}

impl From<&usize> for TaskHead {
    fn from(outputs: &usize) -> Self {
        Self::new(*outputs)
    }
}

/// Of a task whose head names no loss for it, classes are told by softmax
/// cross-entropy and values predicted by the squared error.
impl From<&Task> for TaskHead {
    fn from(task: &Task) -> Self {
        let usual = match task.train.targets() {
            Targets::Classes(_) => Loss::SoftmaxCrossEntropy,
            Targets::Values(_) => Loss::MeanSquaredError,
        };
        Self {
            usual_loss: Some(usual),
            ..Self::new(task.outputs)
                .loss(task.loss.clone())
                .weight(task.weight)
                .class_weights(task.class_weights.clone())
        }
    }
}
