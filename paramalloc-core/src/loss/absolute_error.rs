//! The absolute error.

use super::interface::{Share, TaskLoss};
use crate::data::{Target, TargetKind};

/// `|output - target|`; its gradient is 0 where they are equal.
#[derive(Clone, Copy, Debug)]
pub struct MeanAbsoluteError;

impl TaskLoss for MeanAbsoluteError {
    fn name(&self) -> &str {
        "mean_absolute_error"
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
            sum += share.of(difference.abs());
            if let Some(gradient) = &mut gradient
                && difference != 0.0
            {
                gradient[k] = share.of(difference.signum()) as f32;
            }
        }
        sum
    }
}
