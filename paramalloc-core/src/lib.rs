//! Multi-task networks that learn which parts of the network each task uses.
//!
//! A network is a struct, one field per layer; [`multitask`] makes a value of
//! it, which is trained on examples of several tasks. Here two of three tasks
//! are the same, and the third is their opposite:
//!
//! ```
//! use paramalloc_core::data::Targets;
//! use paramalloc_core::prelude::*;
//!
//! #[multitask(input = 2, tasks = 3)]
//! struct Net {
//!     #[routed(4)]
//!     dense: (Linear<2, 8>, ReLU),
//!     #[head(classes = 2)]
//!     head: Linear<8, 2>,
//! }
//!
//! // 64 examples of two features; is their sum above 0?
//! let inputs: Vec<f32> = (0..128).map(|i| (i * 37 % 64) as f32 / 32.0 - 1.0).collect();
//! let above: Vec<u16> = (inputs.chunks(2))
//!     .map(|x| u16::from(x[0] + x[1] > 0.0))
//!     .collect();
//! let below: Vec<u16> = above.iter().map(|class| 1 - class).collect();
//! let classes = [&above, &above, &below];
//!
//! let settings = TrainSettings::default()
//!     .steps_per_task(200)
//!     .learning_rate(0.02);
//! let mut trainer = Trainer::new(&Net::NETWORK, &settings, &[2; 3], 1)?;
//! let mut losses = [0.0; 3];
//! for _ in 0..200 {
//!     for (task, classes) in classes.iter().enumerate() {
//!         let targets = Targets::Classes(classes);
//!         losses[task] = trainer.task_step(task, &inputs, targets)?.task_loss;
//!     }
//! }
//! assert!(losses.iter().all(|&loss| loss < 0.3), "{losses:?}");
//!
//! // Which of the four copies each task uses: 1 or 0.
//! for (task, uses) in trainer.routers().allocation(0).iter().enumerate() {
//!     println!("task {task}: {uses:?}");
//!     assert_eq!(uses.len(), 4);
//! }
//! # Ok::<(), paramalloc_core::error::Error>(())
//! ```
//!
//! From here: [`multitask`] and [`layers`] say how a network is written,
//! [`network::Network::builder`] makes one at run time, [`train`] trains it,
//! [`routing`] and [`penalty`] steer who uses what, and [`prune`] cuts out
//! what one task needs.
#![deny(missing_docs, missing_debug_implementations)]

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
pub mod math;
pub mod metric;
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
pub mod text;
pub mod train;

#[doc = include_str!("multitask.md")]
pub use paramalloc_macros::multitask;

/// False in a build without optimization (`opt-level = 0`), in which the
/// kernels are some hundred times slower: a workspace of one's own needs
/// `opt-level = 3` under `[profile.dev]` for a fast `cargo run`.
pub const IS_OPTIMIZED: bool = cfg!(not(unoptimized));

/// Runs the examples of the documents of this crate and of the macro's.
#[cfg(doctest)]
mod readme {
    #[doc = include_str!("../README.md")]
    struct Core;

    #[doc = include_str!("../../paramalloc-macros/README.md")]
    struct Macros;
}
