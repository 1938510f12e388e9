//! The squared error.

use super::interface::{Share, TaskLoss};
use crate::data::{Target, TargetKind};

/// `(output - target)^2`.
#[derive(Clone, Copy, Debug)]
pub struct MeanSquaredError;

impl TaskLoss for MeanSquaredError {
    fn name(&self) -> &str {
        "mean_squared_error"
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
            sum += share.of(difference * difference);
            if let Some(gradient) = &mut gradient {
                gradient[k] = share.of(2.0 * difference) as f32;
            }
        }
        sum
    }
}
