//! The CPU engine: forward and backward of a whole network on groups of eight
//! images, without a tape and without allocation in steady state.
//!
//! Every layer is a function of one example, so a group goes through the
//! whole network and back on one thread while its activations are in that
//! thread's cache; threads meet once per task step.

pub(super) mod backward;
mod chunks;
mod custom;
mod engine;
mod evaluators;
pub(super) mod forward;
mod groups;
pub mod kernels;
pub(super) mod layout;
mod loss;
mod segments;
mod threads;
pub(super) mod workspace;

pub use engine::CpuEngine;
