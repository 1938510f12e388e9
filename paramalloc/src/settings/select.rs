//! Which parameters a run ends with.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// Which of its parameters a run reports, and `predict`, `prune` and `export` take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Select {
    /// The best by the validation split; the last where there is none.
    Best,
    /// The last.
    Last,
}
