//! The focal loss.

use super::interface::{Share, TaskLoss};
use crate::data::{Target, TargetKind};

/// `-(1 - p)^2 ln p` with `p = softmax(logits)[class]`, nats: cross-entropy that
/// weighs examples less which the network already classifies well (Lin et al., "Focal Loss
/// for Dense Object Detection", arXiv 1708.02002, gamma 2). Class weights take
/// the place of its alpha.
#[derive(Clone, Copy, Debug)]
pub struct Focal;

impl TaskLoss for Focal {
    fn name(&self) -> &str {
        "focal"
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
        let power = |logit: f32| f64::from(logit - top).exp();
        let sum: f64 = outputs.iter().map(|&logit| power(logit)).sum();
        let log = f64::from(outputs[class] - top) - sum.ln();
        let p = log.exp();
        let rest = 1.0 - p;
        if let Some(gradient) = gradient {
            // d loss / d p times p, as d p / d logit is p (hit - softmax).
            let slope = 2.0 * rest * p * log - rest * rest;
            for (k, (value, &logit)) in gradient.iter_mut().zip(outputs).enumerate() {
                let hit = if k == class { 1.0 } else { 0.0 };
                *value = share.of(slope * (hit - power(logit) / sum)) as f32;
            }
        }
        share.of(-rest * rest * log)
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
    fn it_is_the_formula() {
        // Softmax of [ln 3, 0] is [3/4, 1/4].
        let logits = [3.0_f32.ln(), 0.0];
        let of = |class| Focal.example(&logits, Target::Class(class), WHOLE, None);
        assert!((of(0) + 0.75_f64.ln() / 16.0).abs() < 1e-7);
        assert!((of(1) + 0.25_f64.ln() * 9.0 / 16.0).abs() < 1e-7);
    }

    #[test]
    fn it_stays_finite_for_large_logits() {
        let (logits, mut gradient) = ([1e4, 0.0], [0.0; 2]);
        let sure = Focal.example(&logits, Target::Class(0), WHOLE, Some(&mut gradient));
        assert_eq!((sure, gradient), (0.0, [0.0; 2]));
        let wrong = Focal.example(&logits, Target::Class(1), WHOLE, Some(&mut gradient));
        assert_eq!((wrong, gradient), (1e4, [1.0, -1.0]));
    }
}
