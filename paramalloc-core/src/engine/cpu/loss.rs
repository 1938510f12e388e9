//! The task loss of one group and its gradient.

use super::forward::{Group, Network};
use super::workspace::Workspace;
use crate::data::Targets;
use crate::engine::cpu::kernels::Lane;
use crate::loss::{example_loss, is_correct};

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
        let outputs = place.len();
        let gradient = &mut ws.gradients.stack[..outputs];
        gradient.fill(Lane::ZERO);
        let logits = &ws.activations[place];
        let mut sum = 0.0;
        for lane in 0..group.count {
            let (logit, target) = (|k: usize| logits[k].0[lane], (targets, group.first + lane));
            let set = |k: usize, value: f32| gradient[k].0[lane] = value;
            sum += example_loss(outputs, logit, target, batch, set);
        }
        sum
    }

    /// Sum of the losses of the group's examples, and how many of them have
    /// their largest logit at the label.
    pub fn score(&self, ws: &Workspace, group: Group, targets: Targets<'_>) -> (f64, usize) {
        let logits = &ws.activations[self.layout.heads[self.task].output.clone()];
        let outputs = logits.len();
        let mut sum = (0.0, 0);
        for lane in 0..group.count {
            let (logit, target) = (|k: usize| logits[k].0[lane], (targets, group.first + lane));
            sum.0 += example_loss(outputs, logit, target, 1, |_, _| ());
            sum.1 += usize::from(is_correct(outputs, logit, target));
        }
        sum
    }
}
