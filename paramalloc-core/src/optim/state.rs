//! The state of an optimizer over a group of parameters.

use std::ops::Range;

use super::optimizer::{MAX_SLOTS, Optimizer};
use super::update::Update;
use crate::error::Error;

/// The state slots of a group of parameters, flat vectors in the parameters'
/// order: whoever holds the parameters of a group holds them too.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    slots: Vec<Vec<f32>>,
}

impl State {
    /// Zeros for `len` parameters in this many slots.
    ///
    /// # Panics
    /// If there are more than [`MAX_SLOTS`].
    pub fn zeros(slots: usize, len: usize) -> Self {
        Self::new(vec![vec![0.0; len]; slots])
    }

    /// These slots, all of one length.
    ///
    /// # Panics
    /// If there are more than [`MAX_SLOTS`].
    pub fn new(slots: Vec<Vec<f32>>) -> Self {
        assert!(slots.len() <= MAX_SLOTS, "at most {MAX_SLOTS} slots");
        Self { slots }
    }

    /// The slots.
    pub fn slots(&self) -> &[Vec<f32>] {
        &self.slots
    }

    /// Updates the range `range` of the group, whose values are `parameters`;
    /// see [`Update::apply`].
    pub fn apply(
        &mut self,
        update: &Update<'_>,
        range: Range<usize>,
        parameters: &mut [f32],
        gradient: Option<&[f32]>,
        decays: bool,
    ) {
        let count = self.slots.len();
        let mut parts: [&mut [f32]; MAX_SLOTS] = std::array::from_fn(|_| &mut [][..]);
        for (part, slot) in parts.iter_mut().zip(&mut self.slots) {
            *part = &mut slot[range.clone()];
        }
        let state = &mut parts[..count];
        update.apply(range.start, state, parameters, gradient, decays);
    }
}

/// Checks the names of an optimizer's slots.
///
/// # Errors
/// If there are too many, or one cannot be part of a tensor's name.
pub(crate) fn check_slots(optimizer: &dyn Optimizer) -> Result<(), Error> {
    let slots = optimizer.slots();
    let is_name = |slot: &&str| !slot.is_empty() && !slot.contains('/');
    let is_first = |(i, slot): (usize, &&str)| !slots[..i].contains(slot);
    let fits = slots.len() <= MAX_SLOTS
        && slots.iter().all(is_name)
        && slots
            .iter()
            .enumerate()
            .all(|(i, slot)| is_first((i, slot)));
    if fits {
        return Ok(());
    }
    Err(Error::Slots {
        optimizer: optimizer.name().to_string(),
        slots: slots.iter().map(|slot| (*slot).to_string()).collect(),
        most: MAX_SLOTS,
    })
}
