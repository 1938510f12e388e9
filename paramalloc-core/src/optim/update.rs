//! One update of a group of parameters, range by range.

use super::optimizer::{MAX_SLOTS, Optimizer, UpdateStep};

/// Values of a gradient that are computed together where it is not at hand:
/// few enough to stay in the processor's nearest cache.
const BLOCK: usize = 512;

/// One update of a group of parameters: the model's, or the routers'. The
/// gradient that the optimizer gets is
///
/// ```text
/// scale * (gradient + l2 * parameter + extra)
/// ```
///
/// with `l2 * parameter` only where the penalty counts the parameter.
#[derive(Clone, Copy, Debug)]
pub struct Update<'a> {
    /// The rule. Its [`Optimizer::begin`] has been called.
    pub optimizer: &'a dyn Optimizer,
    /// Number of the update, from 1.
    pub number: u64,
    /// Learning rate of the group.
    pub learning_rate: f64,
    /// Factor of the L2 penalty, 0 or more.
    pub l2: f32,
    /// Factor that clips the gradient: 1 where nothing is clipped.
    pub scale: f32,
    /// A gradient to add, over all parameters of the group.
    pub extra: Option<&'a [f32]>,
}

impl Update<'_> {
    /// The same with the learning rate of the group times `rate`; none at 0,
    /// where nothing changes, neither parameters nor state.
    pub fn at_rate(&self, rate: f64) -> Option<Self> {
        let learning_rate = self.learning_rate * rate;
        (rate != 0.0).then_some(Self {
            learning_rate,
            ..*self
        })
    }

    /// Updates the parameters at `start..` of the group with their `state`,
    /// a slice for each slot. Without `gradient` it is 0. `decays` says
    /// whether L2 penalty and weight decay count the range. All slices have
    /// the same length. Each parameter is computed by itself: cutting a range
    /// in parts changes nothing.
    pub fn apply(
        &self,
        start: usize,
        state: &mut [&mut [f32]],
        parameters: &mut [f32],
        gradient: Option<&[f32]>,
        decays: bool,
    ) {
        let step = UpdateStep {
            number: self.number,
            learning_rate: self.learning_rate,
            decays,
        };
        let l2 = if decays { self.l2 } else { 0.0 };
        let is_plain = l2 == 0.0 && self.extra.is_none();
        if is_plain && (gradient.is_none() || self.scale == 1.0) {
            return self.optimizer.update(step, state, parameters, gradient);
        }
        let mut computed = [0.0; BLOCK];
        let count = state.len();
        for (block, parameters) in parameters.chunks_mut(BLOCK).enumerate() {
            let first = block * BLOCK;
            let range = first..first + parameters.len();
            let computed = &mut computed[..parameters.len()];
            match gradient.map(|g| &g[range.clone()]) {
                Some(gradient) => {
                    for ((sum, p), g) in computed.iter_mut().zip(&*parameters).zip(gradient) {
                        *sum = g + l2 * p;
                    }
                }
                None => {
                    for (sum, p) in computed.iter_mut().zip(&*parameters) {
                        *sum = l2 * p;
                    }
                }
            }
            if let Some(extra) = self.extra {
                let extra = &extra[start + range.start..start + range.end];
                computed
                    .iter_mut()
                    .zip(extra)
                    .for_each(|(sum, e)| *sum += e);
            }
            computed.iter_mut().for_each(|sum| *sum *= self.scale);
            let mut parts: [&mut [f32]; MAX_SLOTS] = std::array::from_fn(|_| &mut [][..]);
            for (part, slot) in parts.iter_mut().zip(&mut *state) {
                *part = &mut slot[range.clone()];
            }
            let parts = &mut parts[..count];
            self.optimizer
                .update(step, parts, parameters, Some(computed));
        }
    }
}
