//! The router of a gated field: which components a task sees. How much each of
//! them weighs depends on the example, and the engine computes it.

use super::fixed::without_parameters;
use super::router::{Draw, Router};
use crate::error::Error;
use crate::network::GatePlan;

/// Weight 1 for each component that the task's gate weighs, 0 for those that
/// belong to other tasks.
#[derive(Clone, Debug)]
pub struct Seen {
    tasks: Vec<Vec<usize>>,
}

impl Seen {
    /// Of the gates of a field.
    pub(super) fn new(gate: &GatePlan) -> Self {
        let components = gate.tasks.iter().map(|task| task.components.clone());
        Self {
            tasks: components.collect(),
        }
    }

    fn row(&self, task: usize, row: &mut [f32]) {
        row.fill(0.0);
        for &component in &self.tasks[task] {
            row[component] = 1.0;
        }
    }
}

impl Router for Seen {
    fn name(&self) -> &str {
        "gate"
    }

    fn check(&self, _tasks: usize, _components: usize) -> Result<(), Error> {
        Ok(())
    }

    without_parameters! {}
}
