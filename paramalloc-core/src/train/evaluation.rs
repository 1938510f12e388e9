//! Evaluation of a trainer's network: without noise, dropout or change.

use super::trainer::Trainer;
use super::usage::Usage;
use crate::data::{Examples, TargetKind};
use crate::engine::Allocation;
use crate::error::Error;
use crate::loss::{HeadLoss, by_label};
use crate::metric::{ConfusionMatrix, MeanLoss, Metric, Predictions, of_loss};
use crate::sums::all_finite;

/// What an evaluation gives.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// The task's loss: the mean over the labels that are present, 0 without
    /// one, with the task's class weights and weight.
    pub loss: f64,
    /// The metric; nothing where it is undefined.
    pub metric: Option<f64>,
    /// Number of examples.
    pub count: usize,
}

/// The mean of a loss whose labels weigh differently; 0 without any.
fn weighted_mean(loss: HeadLoss<'_>, predictions: &Predictions<'_>) -> f64 {
    let examples = predictions.outputs.chunks_exact(predictions.width);
    let total = loss.batch_weight(predictions.targets, examples.len(), predictions.width);
    if total == 0.0 {
        return 0.0;
    }
    let share = |(index, outputs)| loss.example(outputs, (predictions.targets, index), total, None);
    examples.enumerate().map(share).sum()
}

impl Trainer {
    /// Mean loss of a task over some examples, with the weights of evaluation,
    /// and the metric of its loss ([`metric::of_loss`](of_loss)).
    ///
    /// # Errors
    /// As [`Self::evaluate_by`].
    pub fn evaluate(&mut self, task: usize, examples: &Examples) -> Result<Evaluation, Error> {
        self.check_task(task)?;
        let metric = of_loss(&self.plan.heads[task].loss);
        let metric = metric.expect("a loss that an engine has accepted");
        self.evaluate_by(task, examples, &*metric)
    }

    /// Mean loss and this metric of a task over some examples, with the
    /// weights of evaluation.
    ///
    /// # Errors
    /// If there are no examples or they do not fit the task, the metric does
    /// not accept its targets, the loss or a router's parameter is not finite,
    /// or the device fails.
    pub fn evaluate_by(
        &mut self,
        task: usize,
        examples: &Examples,
        metric: &dyn Metric,
    ) -> Result<Evaluation, Error> {
        self.check_examples(task, examples)?;
        let plan = self.plan.clone();
        let head = &plan.heads[task];
        let loss = head.bound_loss();
        let kind = loss.target_kind();
        if !metric.accepts(kind) {
            return Err(Error::MetricTargets {
                metric: metric.name().to_string(),
                loss: head.loss.name().to_string(),
                task,
            });
        }
        let outputs = self.predict(task, examples)?;
        let predictions = Predictions {
            outputs: &outputs,
            width: head.outputs,
            targets: examples.weighted_targets(),
            kind,
        };
        let mut weights = Vec::new();
        let count = (examples.len(), head.pixels);
        let by_label = Predictions {
            targets: by_label(
                predictions.targets,
                count,
                &head.class_weights,
                &mut weights,
            ),
            ..predictions
        };
        let mean = match head.head_loss() {
            HeadLoss {
                label_weights: [], ..
            } => MeanLoss(loss).value(&by_label).unwrap_or(0.0),
            weighted => weighted_mean(weighted, &by_label),
        };
        let evaluation = Evaluation {
            loss: mean * f64::from(head.weight),
            metric: metric.value(&predictions),
            count: examples.len(),
        };
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

    /// What a task is asked for: classes, labels or values.
    ///
    /// # Panics
    /// If there is no such task.
    pub fn target_kind(&self, task: usize) -> TargetKind {
        self.plan.heads[task].bound_loss().target_kind()
    }

    /// What a task takes for what over some examples, with the weights of evaluation:
    /// see [`ConfusionMatrix::of`].
    ///
    /// # Errors
    /// If there are no examples or they do not fit the task, or the device fails.
    pub fn confusion(
        &mut self,
        task: usize,
        examples: &Examples,
    ) -> Result<Vec<ConfusionMatrix>, Error> {
        let outputs = self.predict(task, examples)?;
        Ok(ConfusionMatrix::of(&Predictions {
            outputs: &outputs,
            width: self.plan.heads[task].outputs,
            targets: examples.weighted_targets(),
            kind: self.target_kind(task),
        }))
    }

    /// Logits of a task over some examples at evaluation, `[examples,
    /// outputs]`, of a head per pixel `[examples, rows, columns, outputs]`.
    ///
    /// # Errors
    /// If there are no examples or they do not fit the task, or the device
    /// fails.
    pub fn predict(&mut self, task: usize, examples: &Examples) -> Result<Vec<f32>, Error> {
        self.check_examples(task, examples)?;
        self.routers.evaluate(task, &mut self.buffers.weights);
        let (weights, learns) = (&self.buffers.weights, &self.learns);
        self.engine.predict(
            Allocation {
                task,
                weights,
                learns,
            },
            examples,
        )
    }

    /// Logits of a task at evaluation, `[examples, outputs]`, of a head per pixel
    /// `[examples, rows, columns, outputs]`; `inputs` are
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
