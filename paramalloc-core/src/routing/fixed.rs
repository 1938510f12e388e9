//! The two methods that learn no allocation.

use super::router::{Draw, Router};
use crate::error::Error;

/// Task `t` uses component `t` alone: row `t` of the identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSharing;

/// Every task uses all components: a plain sum, all weights 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedBottom;

/// What is left of [`Router`] for one without parameters: its weights are those of its
/// method `row`, in training and at evaluation, and nothing of it has a gradient. A macro
/// rather than defaults of the trait, with which a router that learns could forget to.
macro_rules! without_parameters {
    () => {
        fn row_width(&self) -> usize {
            0
        }

        fn uniforms(&self) -> usize {
            0
        }

        fn learns_from_inactive(&self) -> bool {
            false
        }

        fn initial_row(&self, _task: usize, _row: &mut [f32]) {}

        fn sample(&self, task: usize, _row: &[f32], _draw: Draw<'_>, weights: &mut [f32]) {
            self.row(task, weights);
        }

        fn sample_backward(&self, _: &[f32], _: Draw<'_>, _: &[f32], _: &mut [f32]) {}

        fn evaluate(&self, task: usize, _row: &[f32], weights: &mut [f32]) {
            self.row(task, weights);
        }

        fn probabilities(&self, task: usize, _row: &[f32], probabilities: &mut [f32]) {
            self.row(task, probabilities);
        }

        fn probabilities_backward(&self, _: &[f32], _: &[f32], _: &mut [f32]) {}
    };
}

pub(super) use without_parameters;

impl NoSharing {
    fn row(self, task: usize, row: &mut [f32]) {
        for (component, weight) in row.iter_mut().enumerate() {
            *weight = f32::from(u8::from(component == task));
        }
    }
}

impl SharedBottom {
    fn row(self, _task: usize, row: &mut [f32]) {
        row.fill(1.0);
    }
}

impl Router for NoSharing {
    fn name(&self) -> &str {
        "no_sharing"
    }

    fn check(&self, tasks: usize, components: usize) -> Result<(), Error> {
        if tasks == components {
            return Ok(());
        }
        Err(Error::NoSharing { tasks, components })
    }

    without_parameters! {}
}

impl Router for SharedBottom {
    fn name(&self) -> &str {
        "shared_bottom"
    }

    fn check(&self, _tasks: usize, _components: usize) -> Result<(), Error> {
        Ok(())
    }

    without_parameters! {}
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAW: Draw<'_> = Draw {
        uniform: &[],
        temperature: 1.0,
    };

    /// Training weights, evaluation weights and connections.
    fn rows(router: &dyn Router, task: usize) -> [[f32; 3]; 3] {
        let mut rows = [[9.0; 3]; 3];
        router.sample(task, &[], DRAW, &mut rows[0]);
        router.evaluate(task, &[], &mut rows[1]);
        router.probabilities(task, &[], &mut rows[2]);
        rows
    }

    #[test]
    fn no_sharing_is_the_identity() {
        assert_eq!(rows(&NoSharing, 0), [[1.0, 0.0, 0.0]; 3]);
        assert_eq!(rows(&NoSharing, 2), [[0.0, 0.0, 1.0]; 3]);
    }

    #[test]
    fn no_sharing_needs_a_component_per_task() {
        assert!(NoSharing.check(3, 3).is_ok());
        let sentence = NoSharing.check(5, 3).unwrap_err().to_string();
        assert!(sentence.contains("3 components for 5 tasks"), "{sentence}");
        assert!(
            sentence.contains("give the field 5 components"),
            "{sentence}"
        );
    }

    #[test]
    fn shared_bottom_sums_all_components() {
        assert_eq!(rows(&SharedBottom, 1), [[1.0; 3]; 3]);
        assert!(SharedBottom.check(5, 3).is_ok());
    }
}
