//! Multi-task networks that learn which parts of the network each task uses.
#![deny(missing_docs)]

// Lets `#[multitask]` name this crate the same way inside and outside of it.
extern crate self as paramalloc_core;

#[macro_use]
mod setters;

#[doc(hidden)]
pub mod __private;
pub mod data;
pub mod engine;
pub mod error;
pub mod layers;
pub mod loss;
pub mod network;
pub mod optim;
pub mod penalty;
pub mod prelude;
pub mod prune;
pub mod random;
pub mod routing;
pub mod summary;
pub mod sums;
#[cfg(test)]
mod testing;
pub mod train;

#[doc = include_str!("multitask.md")]
pub use paramalloc_macros::multitask;

/// False in a build without optimisation (`opt-level = 0`), in which the
/// kernels are some hundred times slower: a workspace of one's own needs
/// `opt-level = 3` under `[profile.dev]` for a fast `cargo run`.
pub const IS_OPTIMISED: bool = cfg!(not(unoptimised));
