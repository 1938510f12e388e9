//! What an option may be.

use std::fmt::{self, Display};

/// The values that an option may have.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum OptionRange {
    /// This or more.
    AtLeast(f64),
    /// From the first to the second, both included.
    Within(f64, f64),
    /// Above the first and below the second.
    Between(f64, f64),
}

impl OptionRange {
    /// True if the option may be `value`; no range has NaN in it.
    pub fn contains(self, value: f64) -> bool {
        match self {
            Self::AtLeast(low) => value >= low,
            Self::Within(low, high) => (low..=high).contains(&value),
            Self::Between(low, high) => low < value && value < high,
        }
    }
}

/// `at least 1`, `1 to 50` or `above 0 and below 1`
impl Display for OptionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(low) => write!(f, "at least {low}"),
            Self::Within(low, high) => write!(f, "{low} to {high}"),
            Self::Between(low, high) => write!(f, "above {low} and below {high}"),
        }
    }
}
