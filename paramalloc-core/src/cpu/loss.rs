//! The task loss of one group and its gradient.

use super::forward::{Group, Network};
use super::workspace::Workspace;
use crate::data::Targets;
use crate::kernels::Lane;
use crate::network::Loss;

impl Network<'_> {
    /// The group's share of the batch's mean loss; leaves the gradient of the
    /// logits in `gradients.stack`. `batch` is the number of examples of the
    /// whole batch.
    pub fn loss(
        &self,
        ws: &mut Workspace,
        group: Group,
        targets: Targets<'_>,
        batch: usize,
    ) -> f64 {
        let place = self.layout.heads[self.task].output.clone();
        let gradient = &mut ws.gradients.stack[..place.len()];
        gradient.fill(Lane::ZERO);
        let logits = &ws.activations[place];
        (0..group.count)
            .map(|lane| {
                let set = |k: usize, value: f32| gradient[k].0[lane] = value;
                self.one(logits, lane, group.first + lane, targets, batch, set)
            })
            .sum()
    }

    /// Sum of the losses of the group's examples, and how many of them have
    /// their largest logit at the label.
    pub fn score(&self, ws: &Workspace, group: Group, targets: Targets<'_>) -> (f64, usize) {
        let logits = &ws.activations[self.layout.heads[self.task].output.clone()];
        let mut sum = (0.0, 0);
        for lane in 0..group.count {
            let example = group.first + lane;
            sum.0 += self.one(logits, lane, example, targets, 1, |_, _| ());
            if let Targets::Classes(labels) = targets {
                let largest = (1..logits.len()).fold(0, |best, k| {
                    if logits[k].0[lane] > logits[best].0[lane] {
                        k
                    } else {
                        best
                    }
                });
                sum.1 += usize::from(largest == usize::from(labels[example]));
            }
        }
        sum
    }

    /// The loss of one example over `batch`; `set` gets the gradient of each
    /// logit.
    fn one(
        &self,
        logits: &[Lane],
        lane: usize,
        example: usize,
        targets: Targets<'_>,
        batch: usize,
        set: impl FnMut(usize, f32),
    ) -> f64 {
        let outputs = logits.len();
        let logit = |k: usize| logits[k].0[lane];
        match (self.plan.loss, targets) {
            (Loss::SoftmaxCrossEntropy, Targets::Classes(labels)) => {
                cross_entropy(outputs, logit, usize::from(labels[example]), batch, set)
            }
            (_, Targets::Values(values)) => {
                let target = &values[example * outputs..][..outputs];
                squared_error(outputs, logit, |k| target[k], batch, set)
            }
            (Loss::MeanSquaredError, Targets::Classes(labels)) => {
                squared_error(outputs, logit, |_| f32::from(labels[example]), batch, set)
            }
        }
    }
}

/// `-ln softmax(logits)[label] / batch`, stable for any logits.
fn cross_entropy(
    outputs: usize,
    logit: impl Fn(usize) -> f32,
    label: usize,
    batch: usize,
    mut set: impl FnMut(usize, f32),
) -> f64 {
    let top = (0..outputs).map(&logit).fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = (0..outputs).map(|k| (logit(k) - top).exp()).sum();
    let scale = 1.0 / batch as f32;
    for k in 0..outputs {
        let probability = (logit(k) - top).exp() / sum;
        let hit = if k == label { 1.0 } else { 0.0 };
        set(k, (probability - hit) * scale);
    }
    f64::from(sum.ln() - (logit(label) - top)) / batch as f64
}

/// `sum_k (y_k - t_k)^2 / (batch * outputs)`.
fn squared_error(
    outputs: usize,
    output: impl Fn(usize) -> f32,
    target: impl Fn(usize) -> f32,
    batch: usize,
    mut set: impl FnMut(usize, f32),
) -> f64 {
    let values = (batch * outputs) as f64;
    let mut total = 0.0;
    for k in 0..outputs {
        let difference = f64::from(output(k)) - f64::from(target(k));
        set(k, (2.0 * difference / values) as f32);
        total += difference * difference / values;
    }
    total
}
