//! The Huber loss.

use super::interface::{Share, TaskLoss};
use crate::data::{Target, TargetKind};

/// With `d = output - target`: `d^2 / 2` where `|d| <= 1`, `|d| - 1/2`
/// elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Huber;

impl TaskLoss for Huber {
    fn name(&self) -> &str {
        "huber"
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Values
    }

    fn example(
        &self,
        outputs: &[f32],
        target: Target<'_>,
        share: Share,
        mut gradient: Option<&mut [f32]>,
    ) -> f64 {
        let mut sum = 0.0;
        for (k, difference) in target.differences(outputs) {
            let size = difference.abs();
            sum += share.of(match size <= 1.0 {
                true => size * size / 2.0,
                false => size - 0.5,
            });
            if let Some(gradient) = &mut gradient {
                // NaN stays NaN here, as in the loss.
                gradient[k] = share.of(difference.clamp(-1.0, 1.0)) as f32;
            }
        }
        sum
    }
}
