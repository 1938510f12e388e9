//! The interface of a loss.

use std::fmt;

use crate::data::{Target, TargetKind};

/// The loss of a task: a weighted mean over the labels of a batch that are
/// present.
///
/// ```
/// use paramalloc_core::data::{Target, TargetKind};
/// use paramalloc_core::loss::{Loss, Share, TaskLoss};
///
/// /// `ln cosh(output - target)`.
/// #[derive(Debug)]
/// struct LogCosh;
///
/// impl TaskLoss for LogCosh {
///     fn name(&self) -> &str {
///         "log_cosh"
///     }
///
///     fn target_kind(&self) -> TargetKind {
///         TargetKind::Values
///     }
///
///     fn example(
///         &self,
///         outputs: &[f32],
///         target: Target<'_>,
///         share: Share,
///         mut gradient: Option<&mut [f32]>,
///     ) -> f64 {
///         let mut sum = 0.0;
///         for (k, difference) in target.differences(outputs) {
///             sum += share.of(difference.cosh().ln());
///             if let Some(gradient) = &mut gradient {
///                 gradient[k] = share.of(difference.tanh()) as f32;
///             }
///         }
///         sum
///     }
/// }
///
/// const LOSS: Loss = Loss::own(&LogCosh);
/// # assert_eq!(LOSS.name(), "log_cosh");
/// ```
pub trait TaskLoss: fmt::Debug + Send + Sync {
    /// Its name, which a network that is stored has in its place.
    fn name(&self) -> &str;

    /// Which targets it takes.
    fn target_kind(&self) -> TargetKind;

    /// The share of one example in the loss of its batch: the sum over its
    /// labels that are present of [`Share::of`] their loss. `outputs` are the
    /// outputs of the task's head (the logits, for classes). `gradient`, where
    /// it is asked for, has their length and is all zeros; it gets the
    /// gradient of that sum. At least one label of the example is present.
    fn example(
        &self,
        outputs: &[f32],
        target: Target<'_>,
        share: Share,
        gradient: Option<&mut [f32]>,
    ) -> f64;
}

/// What a label counts in the loss of its batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// Weight of the example, above 0; 1 where examples have no weights.
    pub weight: f32,
    /// Sum of the weights of all labels of the batch that are present, above
    /// 0: their number where examples have no weights.
    pub total: f64,
}

impl Share {
    /// `value * weight / total`.
    #[inline]
    pub fn of(self, value: f64) -> f64 {
        value * f64::from(self.weight) / self.total
    }
}
