//! Evaluation of a trainer's network: without noise, dropout or change.

use super::trainer::Trainer;
use super::usage::Usage;
use crate::data::Examples;
use crate::engine::{Allocation, Evaluation};
use crate::error::Error;
use crate::sums::all_finite;

impl Trainer {
    /// Mean loss and accuracy of a task over some examples, with the weights
    /// of evaluation.
    ///
    /// # Errors
    /// If there are no examples or they do not fit the task, if the loss or a
    /// router's parameter is not finite, or the device fails.
    pub fn evaluate(&mut self, task: usize, examples: &Examples) -> Result<Evaluation, Error> {
        self.check_examples(task, examples)?;
        self.routers.evaluate(task, &mut self.buffers.weights);
        let (weights, learns) = (&self.buffers.weights, &self.learns);
        let evaluation = self.engine.evaluate(
            Allocation {
                task,
                weights,
                learns,
            },
            examples,
        )?;
        // After the last update no training loss shows a parameter that is no
        // number, and an accuracy never does.
        if !evaluation.loss.is_finite() || !all_finite(&self.routers.parameters) {
            return Err(Error::EvaluationNotFinite {
                task,
                step: self.global_step,
                loss: evaluation.loss,
            });
        }
        Ok(evaluation)
    }

    /// Logits of a task at evaluation, `[examples, outputs]`; `inputs` are
    /// `[examples, channels, rows, columns]`, for a network over features
    /// `[examples, features]`.
    ///
    /// # Errors
    /// If there is no such task, `inputs` are not whole examples, at least
    /// one, or the device fails.
    pub fn logits(&mut self, task: usize, inputs: &[f32]) -> Result<Vec<f32>, Error> {
        let len = self.input_count(task, inputs)?;
        self.routers.evaluate(task, &mut self.buffers.weights);
        let (weights, learns) = (&self.buffers.weights, &self.learns);
        self.engine.logits(
            Allocation {
                task,
                weights,
                learns,
            },
            inputs,
            len,
        )
    }

    /// The weights of evaluation of a task, over the components of all routed
    /// layers.
    ///
    /// # Panics
    /// If there is no such task.
    pub fn evaluation_weights(&self, task: usize) -> Vec<f32> {
        let mut weights = vec![0.0; self.routers.component_len()];
        self.routers.evaluate(task, &mut weights);
        weights
    }

    /// What a task uses of the network.
    ///
    /// # Panics
    /// If there is no such task.
    pub fn usage(&self, task: usize) -> Usage {
        Usage::active(&self.plan, &self.evaluation_weights(task))
    }
}
