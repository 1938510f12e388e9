//! What a batch of examples serves.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What a batch of examples serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Batches {
    /// One task: each has batches of its own, and tasks take turns
    #[default]
    Alternating,
    /// All tasks at once, where they share their inputs, as the columns of a table do:
    /// one update for all of them, and what they have in common is computed once
    Joint,
}
