//! Cross-entropy of independent labels.

use super::interface::{Share, TaskLoss};
use crate::data::{Target, TargetKind};

/// Of each output `z`, a logit, and its label `y`, 0 to 1:
/// `max(z, 0) - z y + ln(1 + exp(-|z|))`, nats, stable for any logits.
#[derive(Clone, Copy, Debug)]
pub struct BinaryCrossEntropy;

impl TaskLoss for BinaryCrossEntropy {
    fn name(&self) -> &str {
        "binary_cross_entropy"
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Labels
    }

    fn example(
        &self,
        outputs: &[f32],
        target: Target<'_>,
        share: Share,
        mut gradient: Option<&mut [f32]>,
    ) -> f64 {
        let mut sum = 0.0;
        for (k, label) in target.values_present() {
            let (z, label) = (f64::from(outputs[k]), f64::from(label));
            let small = (-z.abs()).exp();
            sum += share.of(z.max(0.0) - z * label + small.ln_1p());
            if let Some(gradient) = &mut gradient {
                // Neither form of the sigmoid overflows.
                let probability = match z >= 0.0 {
                    true => 1.0 / (1.0 + small),
                    false => small / (1.0 + small),
                };
                gradient[k] = share.of(probability - label) as f32;
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Share = Share {
        weight: 1.0,
        total: 1.0,
    };

    #[test]
    fn it_stays_finite_for_large_logits() {
        let mut gradient = [0.0; 4];
        let (outputs, labels) = ([1e4, 1e4, -1e4, -1e4], [1.0, 0.0, 1.0, 0.0]);
        let target = Target::Values(&labels);
        let loss = BinaryCrossEntropy.example(&outputs, target, WHOLE, Some(&mut gradient));
        assert_eq!(loss, 2e4);
        assert_eq!(gradient, [0.0, 1.0, -1.0, 0.0]);
    }

    #[test]
    fn a_nan_logit_gives_a_nan_loss() {
        let loss = BinaryCrossEntropy.example(&[f32::NAN], Target::Values(&[1.0]), WHOLE, None);
        assert!(loss.is_nan());
    }
}
