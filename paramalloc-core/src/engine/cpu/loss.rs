//! The task loss of one group and its gradient.

use super::pass::{Group, Network};
use super::workspace::Scratch;
use crate::engine::Batch;
use paramalloc_kernels::Lane;

impl Network<'_> {
    /// The group's share of the loss of its batch; leaves the gradient of the
    /// logits in `gradients.stack`.
    pub fn loss(
        &self,
        activations: &[Lane],
        scratch: &mut Scratch,
        group: Group,
        batch: &Batch<'_>,
    ) -> f64 {
        let logits = &activations[self.layout.heads[self.task].output.clone()];
        let head = &self.plan.heads[self.task];
        let (width, pixels) = (head.outputs, head.pixels);
        let Scratch {
            gradients,
            outputs,
            output_gradient,
            ..
        } = scratch;
        let gradient = &mut gradients.stack[..logits.len()];
        gradient.fill(Lane::ZERO);
        // Of one example or pixel, side by side.
        outputs.resize(width, 0.0);
        output_gradient.resize(width, 0.0);
        let loss = head.head_loss();
        let mut sum = 0.0;
        for lane in 0..group.count {
            for pixel in 0..pixels {
                let logits = logits[pixel..].iter().step_by(pixels);
                for (output, logit) in outputs.iter_mut().zip(logits) {
                    *output = logit.0[lane];
                }
                let of = (batch.targets, (group.first + lane) * pixels + pixel);
                let of_example = Some(&mut **output_gradient);
                sum += loss.example(outputs, of, batch.total_weight, of_example);
                let gradient = gradient[pixel..].iter_mut().step_by(pixels);
                for (lanes, value) in gradient.zip(&*output_gradient) {
                    lanes.0[lane] = *value;
                }
            }
        }
        sum
    }
}
