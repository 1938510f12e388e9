//! Multi-task networks that learn which parts of the network each task uses.
//!
//! A network is a struct whose fields are layers or stacks of them;
//! [`multitask`] makes a value of it, which is trained on examples of several tasks. Here two of three tasks
//! are the same, and each task has a budget of one of four components:
//!
//! ```
//! use paramalloc_core::data::Targets;
//! use paramalloc_core::penalty::Penalties;
//! use paramalloc_core::prelude::*;
//!
//! #[multitask(input = 4, tasks = 3)]
//! struct Net {
//!     #[routed(4)] // four components, each `Linear` and `ReLU`
//!     dense: (Linear<4, 4>, ReLU),
//!     #[head(classes = 2)]
//!     head: Linear<4, 2>,
//! }
//!
//! // 256 examples of four features, and the class of each in each task.
//! let noise = |i: u32| (i.wrapping_mul(2_654_435_761) >> 16) as f32 / 32768.0 - 1.0;
//! let inputs: Vec<f32> = (0..1024).map(noise).collect();
//! let classes = |rule: fn(&[f32]) -> bool| -> Vec<u16> {
//!     inputs.chunks(4).map(|x| u16::from(rule(x))).collect()
//! };
//! let tasks = [
//!     classes(|x| x[0] * x[1] > 0.0),
//!     classes(|x| x[0] * x[1] > 0.0),
//!     classes(|x| x[2] * x[3] > 0.0),
//! ];
//!
//! let steps = 600; // how long, so that the routers have decided by the end
//! let settings = TrainSettings::default()
//!     .steps_per_task(steps)
//!     .learning_rate(0.02)
//!     .router_learning_rate(0.05)
//!     .penalties(Penalties::default().budget(0.25).budget_penalty(1.0));
//! let outputs = [2; 3]; // width of the head of each task
//! let threads = 1;
//! let mut trainer = Trainer::new(&Net::NETWORK, &settings, &outputs, threads)?;
//! let mut losses = [0.0; 3];
//! for _ in 0..steps {
//!     for (task, classes) in tasks.iter().enumerate() {
//!         let report = trainer.task_step(task, &inputs, Targets::Classes(classes))?;
//!         losses[task] = report.task_loss;
//!     }
//! }
//! assert!(losses.iter().all(|&loss| loss < 0.1), "{losses:?}");
//!
//! // Which components of routed layer 0 each task uses: 1 or 0.
//! for (task, uses) in trainer.routers().allocation(0).iter().enumerate() {
//!     println!("task {task}: {uses:?}");
//!     // The budget is a penalty, not a limit: a task may keep a second one.
//!     assert!(uses.iter().sum::<u8>() <= 2);
//! }
//! # Ok::<(), paramalloc_core::error::Error>(())
//! ```
//!
//! It prints that the two tasks share a component and the third has its own
//! (with this seed; with others some of it may be shared by all):
//!
//! ```text
//! task 0: [0, 1, 0, 0]
//! task 1: [0, 1, 0, 0]
//! task 2: [1, 0, 0, 0]
//! ```
//!
//! [`Trainer::evaluate`](train::Trainer::evaluate) judges it on other examples,
//! and [`Trainer::predict`](train::Trainer::predict) gives its outputs: logits for classes
//! and labels, values as they are. [`Sampler`](train::Sampler) chooses tasks and batches.
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
