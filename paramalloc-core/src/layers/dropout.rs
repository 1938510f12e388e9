//! Dropout.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::layer_spec::LayerSpec;
use super::message::Message;
use super::operation::{DropoutOperation, Kind};
use super::shape_error::{Checked, Problem, fits, wrong};
use super::{Layer, Spec};
use crate::network::shape::Dims;

/// While training, zeroes a value with probability `1 / N` and scales the
/// others by `1 / (1 - 1 / N)`; at evaluation the identity. The shape stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct DropoutOneIn<const N: usize>;

impl<const N: usize> Layer for DropoutOneIn<N> {
    const SPEC: Spec = Spec::Dropout(DropoutSpec { one_in: N });
}

/// Dropout 0.5.
pub type Dropout = DropoutOneIn<2>;

/// A dropout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DropoutSpec {
    /// One value in this many is dropped; 2 drops half of them.
    pub one_in: usize,
}

impl DropoutSpec {
    pub(super) const fn kind(&self) -> &'static str {
        "DropoutOneIn"
    }

    pub(super) const fn check(&self, input: Dims) -> Checked<'static> {
        if self.one_in >= 2 {
            return fits(input);
        }
        let message = Message::new().text("drops every value; write at least `DropoutOneIn<2>`");
        wrong(Problem::Own(message), input, input)
    }
}

impl LayerSpec for DropoutSpec {
    fn operation(&self, _input: Dims) -> Option<Kind> {
        let stays = 1.0 - 1.0 / self.one_in as f32;
        Some(Kind::Dropout(DropoutOperation {
            index: 0,
            one_in: self.one_in,
            scale: 1.0 / stays,
        }))
    }
}

impl fmt::Display for DropoutSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DropoutOneIn<{}>", self.one_in)
    }
}
