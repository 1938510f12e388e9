//! The interface of an optimizer.

use std::any::Any;
use std::fmt;

/// Values that an optimizer may keep per parameter.
pub const MAX_SLOTS: usize = 8;

/// A rule that updates parameters from their gradients.
///
/// The parameters of a network are updated in ranges, several threads may
/// work on different ranges at once, and a range may be cut anywhere: each
/// parameter must be updated from its own value, state and gradient alone.
/// Every parameter is updated at every task step, also where the step gave it
/// no gradient.
///
/// What the rule remembers of a parameter lies in state slots: flat vectors
/// of as many values as there are parameters, zeros at the start, which
/// checkpoints save under the slots' names. It must remember nothing else,
/// or a resumed run would differ from an uninterrupted one.
///
/// ```
/// use paramalloc_core::optim::{Optimizer, UpdateStep};
///
/// /// `theta -= learning_rate * sign(gradient)`.
/// #[derive(Debug)]
/// struct SignDescent;
///
/// impl Optimizer for SignDescent {
///     fn name(&self) -> &str {
///         "sign_descent"
///     }
///
///     fn slots(&self) -> &[&str] {
///         &[]
///     }
///
///     fn update(
///         &self,
///         step: UpdateStep,
///         _state: &mut [&mut [f32]],
///         parameters: &mut [f32],
///         gradient: Option<&[f32]>,
///     ) {
///         let Some(gradient) = gradient else { return };
///         for (p, g) in parameters.iter_mut().zip(gradient) {
///             *p -= step.learning_rate as f32 * g.signum();
///         }
///     }
/// }
/// ```
pub trait Optimizer: Any + fmt::Debug + Send + Sync {
    /// Its name, which a checkpoint keeps.
    fn name(&self) -> &str;

    /// Names of its state slots: at most [`MAX_SLOTS`], all different, without
    /// `/`.
    fn slots(&self) -> &[&str];

    /// Called once before the ranges of update `number`, which counts from 1.
    /// What is the same for all of them can be computed here.
    fn begin(&mut self, number: u64) {
        let _ = number;
    }

    /// Updates a range of parameters. `state` has a slice for each of
    /// [`Self::slots`]; they and `gradient` have the length of `parameters`.
    /// Without `gradient` it is 0. Clipping and the L2 penalty are in it
    /// already.
    fn update(
        &self,
        step: UpdateStep,
        state: &mut [&mut [f32]],
        parameters: &mut [f32],
        gradient: Option<&[f32]>,
    );
}

/// What an update depends on, besides the parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UpdateStep {
    /// Number of the update, from 1.
    pub number: u64,
    /// Learning rate of the range's group at this update, 0 or more.
    pub learning_rate: f64,
    /// True if weight decay applies: not to biases, and not to parameters of
    /// routers.
    pub decays: bool,
}
