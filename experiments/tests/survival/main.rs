//! Runs of all experiments that are killed at random moments, and whose files
//! have a byte changed at random: each ends with the bits of a run to which
//! nothing happened, or in a sentence that names the file.
//!
//! `cargo test` tries a few; more are tried by
//!
//! ```text
//! PARAMALLOC_TRIALS=1000 cargo test --release -p experiments --test survival -- --nocapture
//! ```
#![cfg(unix)]

mod bytes;
mod draws;
mod kills;
mod runs;
#[path = "../support/mod.rs"]
mod support;

use std::env;

/// Trials of a test: `few`, or what `PARAMALLOC_TRIALS` says.
fn trials(few: usize) -> usize {
    let given = env::var("PARAMALLOC_TRIALS").ok();
    given.map_or(few, |count| count.parse().expect("PARAMALLOC_TRIALS"))
}

/// Where the draws begin: `PARAMALLOC_SEED`, or always alike.
fn seed() -> u64 {
    let given = env::var("PARAMALLOC_SEED").ok();
    given.map_or(2026, |seed| seed.parse().expect("PARAMALLOC_SEED"))
}
