//! The CPU engine: forward and backward of a whole network on groups of eight
//! images, without a tape and without allocation in steady state.
//!
//! Every layer is a function of one example, so a group goes through the
//! whole network and back on one thread while its activations are in that
//! thread's cache; threads meet once per task step.

mod backward;
mod chunks;
mod custom;
mod engine;
mod evaluators;
mod forward;
mod groups;
mod layout;
mod loss;
mod segments;
pub mod tape;
mod threads;
mod workspace;

pub use engine::CpuEngine;
