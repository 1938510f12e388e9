//! Which components the gates of a field weigh for each task.

use std::ops::Range;

/// The gates of a field, one for each task: of each example they make weights
/// of the components that the task sees, `softmax(weight x + bias)`, where `x`
/// is the field's input, of an image the mean of each channel over positions.
#[derive(Clone, Debug)]
pub struct GatePlan {
    /// What a gate reads: channels or features of the field's input.
    pub features: usize,
    /// Each task's own.
    pub tasks: Vec<TaskGate>,
}

/// One task's gate.
#[derive(Clone, Debug)]
pub struct TaskGate {
    /// The components that the task sees, in order.
    pub components: Vec<usize>,
    /// Those of them that no other task sees.
    pub private: Range<usize>,
    /// Place of its parameters: weight `[components, features]`, then bias.
    pub parameters: Range<usize>,
}

impl GatePlan {
    /// How many components a task sees: all see as many.
    pub fn seen(&self) -> usize {
        self.tasks.first().map_or(0, |task| task.components.len())
    }

    /// Parameters of a task's gate.
    pub fn parameters(&self) -> usize {
        self.seen() * (self.features + 1)
    }

    /// Multiply-adds of a task's gate per example, those of the weighted sum
    /// left out as they are elsewhere.
    pub fn multiply_adds(&self) -> u64 {
        (self.seen() * self.features) as u64
    }
}

/// The components that each task sees of a field of `alternatives`: `copies`
/// of each, which all tasks see, then for each task `private` ones of its own,
/// whose range is given too.
pub(crate) fn seen(
    alternatives: usize,
    (copies, private): (usize, usize),
    tasks: usize,
) -> Vec<(Vec<usize>, Range<usize>)> {
    let (shared, own) = (alternatives * copies, alternatives * private);
    let of_task = |task: usize| {
        let first = shared + task * own;
        (
            (0..shared).chain(first..first + own).collect(),
            first..first + own,
        )
    };
    (0..tasks).map(of_task).collect()
}
