//! Dropout.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::layer_spec::LayerSpec;
use super::message::Message;
use super::operation::{DropoutOperation, Kind, Share};
use super::shape_error::{Checked, Problem, fits, wrong};
use super::{Layer, Spec};
use crate::network::shape::Dims;

/// While training, zeroes a value with a probability of `PERCENT` in 100 and
/// scales the others by `1 / (1 - PERCENT / 100)`; at evaluation the identity.
/// The shape stays.
///
/// ```
/// use paramalloc_core::layers::check::check;
/// use paramalloc_core::prelude::*;
///
/// let output = check(&Dropout::<20>::SPEC, Dims::features(64)).output;
/// assert_eq!(output, Dims::features(64));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Dropout<const PERCENT: usize = 50>;

impl<const P: usize> Layer for Dropout<P> {
    // A half is one in two, which runs have stored so before there were
    // percentages.
    const SPEC: Spec = Spec::Dropout(match P {
        50 => DropoutSpec::OneIn(2),
        _ => DropoutSpec::Percent(P),
    });
}

/// [`Dropout`] of one value in `N`, for shares that are no whole percentage.
#[derive(Clone, Copy, Debug, Default)]
pub struct DropoutOneIn<const N: usize>;

impl<const N: usize> Layer for DropoutOneIn<N> {
    const SPEC: Spec = Spec::Dropout(DropoutSpec::OneIn(N));
}

/// The share of values that a dropout zeroes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DropoutSpec {
    /// One in this many, at least 2.
    OneIn(usize),
    /// This many in 100, at most 99.
    Percent(usize),
}

impl DropoutSpec {
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::OneIn(_) => "DropoutOneIn",
            Self::Percent(_) => "Dropout",
        }
    }

    pub(super) const fn check(&self, input: Dims) -> Checked<'static> {
        let message = Message::new().text("drops every value; write at ");
        let message = match *self {
            Self::OneIn(0 | 1) => message.text("least `DropoutOneIn<2>`"),
            Self::Percent(100..) => message.text("most `Dropout<99>`"),
            _ => return fits(input),
        };
        wrong(Problem::Own(message), input, input)
    }
}

impl LayerSpec for DropoutSpec {
    fn operation(&self, _input: Dims) -> Option<Kind> {
        let dropped = match *self {
            Self::OneIn(of) => Share { part: 1, of },
            Self::Percent(part) => Share { part, of: 100 },
        };
        let stays = 1.0 - dropped.part as f32 / dropped.of as f32;
        Some(Kind::Dropout(DropoutOperation {
            index: 0,
            dropped,
            scale: 1.0 / stays,
        }))
    }
}

impl fmt::Display for DropoutSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::OneIn(n) | Self::Percent(n)) = self;
        write!(f, "{}<{n}>", self.kind())
    }
}
