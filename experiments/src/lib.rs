//! What the experiments share.

// `plot/synthetic.rs` is a part of the tests here and of those in `tests/`.
#[cfg(test)]
extern crate self as experiments;

mod cautions;
pub mod cli;
pub mod data;
mod number;
pub mod plot;
pub mod run;
pub mod seeds;
pub mod studies;
