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

/// Some neighbouring parameters of a group with all that an update of them
/// needs, so that threads can update different ones at once.
pub struct Piece<'a> {
    start: usize,
    parameters: &'a mut [f32],
    state: [&'a mut [f32]; MAX_SLOTS],
    slots: usize,
    gradient: Option<&'a [f32]>,
    decays: bool,
    rate: f64,
}

impl<'a> Piece<'a> {
    /// At the learning rate of the group times `rate`; at 0 nothing changes.
    pub fn at_rate(self, rate: f64) -> Self {
        Self { rate, ..self }
    }

    /// With this gradient, of as many values as parameters.
    pub fn with_gradient<'b>(self, gradient: &'b [f32]) -> Piece<'b>
    where
        'a: 'b,
    {
        Piece {
            gradient: Some(gradient),
            ..self
        }
    }

    /// Updates the parameters.
    pub fn apply(mut self, update: &Update<'_>) {
        let Some(update) = update.at_rate(self.rate) else {
            return;
        };
        let state = &mut self.state[..self.slots];
        update.apply(
            self.start,
            state,
            self.parameters,
            self.gradient,
            self.decays,
        );
    }
}

/// The parameters of a group from some place on, to be taken in pieces.
pub struct Pieces<'a> {
    start: usize,
    parameters: &'a mut [f32],
    state: [&'a mut [f32]; MAX_SLOTS],
    slots: usize,
}

impl<'a> Pieces<'a> {
    /// All parameters of a group with their state.
    pub fn new(parameters: &'a mut [f32], state: &'a mut State) -> Self {
        let slots = state.slots.len();
        let mut parts: [&mut [f32]; MAX_SLOTS] = std::array::from_fn(|_| &mut [][..]);
        for (part, slot) in parts.iter_mut().zip(&mut state.slots) {
            *part = slot;
        }
        Self {
            start: 0,
            parameters,
            state: parts,
            slots,
        }
    }

    /// The parameters `range`, which lie behind those taken before, with their
    /// gradient.
    ///
    /// # Panics
    /// If they do not lie there.
    pub fn take(
        &mut self,
        range: Range<usize>,
        gradient: Option<&'a [f32]>,
        decays: bool,
    ) -> Piece<'a> {
        self.cut(range.start - self.start);
        self.start = range.end;
        let (parameters, state) = self.cut(range.len());
        Piece {
            start: range.start,
            parameters,
            state,
            slots: self.slots,
            gradient,
            decays,
            rate: 1.0,
        }
    }

    /// The next `len` parameters with their state.
    fn cut(&mut self, len: usize) -> (&'a mut [f32], [&'a mut [f32]; MAX_SLOTS]) {
        fn cut<'a>(rest: &mut &'a mut [f32], len: usize) -> &'a mut [f32] {
            let (part, others) = std::mem::take(rest).split_at_mut(len);
            *rest = others;
            part
        }
        let slots = self.slots;
        let mut state: [&mut [f32]; MAX_SLOTS] = std::array::from_fn(|_| &mut [][..]);
        for (part, rest) in state.iter_mut().zip(&mut self.state).take(slots) {
            *part = cut(rest, len);
        }
        (cut(&mut self.parameters, len), state)
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
