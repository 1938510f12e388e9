//! Softmax cross-entropy.

use super::interface::{Share, TaskLoss};
use crate::data::{Target, TargetKind};

/// `-ln softmax(logits)[class]`, nats, stable for any logits.
#[derive(Clone, Copy, Debug)]
pub struct SoftmaxCrossEntropy;

impl TaskLoss for SoftmaxCrossEntropy {
    fn name(&self) -> &str {
        "softmax_cross_entropy"
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Classes
    }

    fn example(
        &self,
        outputs: &[f32],
        target: Target<'_>,
        share: Share,
        gradient: Option<&mut [f32]>,
    ) -> f64 {
        let Target::Class(class) = target else {
            return 0.0;
        };
        let top = outputs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = outputs.iter().map(|logit| (logit - top).exp()).sum();
        if let Some(gradient) = gradient {
            let scale = share.weight / share.total as f32;
            for (k, (value, logit)) in gradient.iter_mut().zip(outputs).enumerate() {
                let hit = if k == class { 1.0 } else { 0.0 };
                *value = ((logit - top).exp() / sum - hit) * scale;
            }
        }
        share.of(f64::from(sum.ln() - (outputs[class] - top)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Share = Share {
        weight: 1.0,
        total: 2.0,
    };

    #[test]
    fn it_stays_finite_and_its_gradient_sums_to_zero() {
        let (logits, mut gradient) = ([1000.0, 0.0, -1000.0], [0.0; 3]);
        let loss =
            SoftmaxCrossEntropy.example(&logits, Target::Class(1), HALF, Some(&mut gradient));
        assert_eq!(loss, 500.0);
        assert_eq!(gradient, [0.5, -0.5, 0.0]);
    }

    #[test]
    fn a_nan_logit_gives_a_nan_loss() {
        let loss = SoftmaxCrossEntropy.example(&[0.0, f32::NAN], Target::Class(0), HALF, None);
        assert!(loss.is_nan());
    }
}
