//! Which algorithm wide convolutions have.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// How convolutions that can be computed by Winograd's algorithm are: with
/// stride 1, not dilated, and kernels of 3x3, 5x5 or 7x7. It multiplies less
/// often than the sums that define a convolution, which changes the rounding:
/// a run with the one cannot be continued with the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Convolution {
    /// By Winograd's algorithm where that is faster: from 16 channels in and
    /// out and 16 positions on.
    #[default]
    Auto,
    /// By their sums.
    Direct,
    /// By Winograd's algorithm wherever it can be.
    Winograd,
}

impl Convolution {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Direct, Self::Winograd];
}

impl fmt::Display for Convolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Auto => "auto",
            Self::Direct => "direct",
            Self::Winograd => "winograd",
        })
    }
}

impl FromStr for Convolution {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|c| c.to_string() == name);
        found.ok_or_else(|| Error::UnknownName {
            what: "a way to compute convolutions",
            name: name.to_string(),
            known: Self::ALL.iter().map(Self::to_string).collect(),
        })
    }
}
