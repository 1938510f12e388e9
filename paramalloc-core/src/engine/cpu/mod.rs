//! The CPU engine: forward and backward of a whole network without a tape.
//!
//! Every layer is a function of one example, so a group of eight goes through
//! the whole network and back on one thread while its activations are in that
//! thread's cache; threads meet once per task step, and buffers are kept for the next.
//! Dense layers are products over the whole batch instead ([`schedule()`]), which
//! threads share; between them groups go their way alone. Wide convolutions are computed by tiles
//! ([`paramalloc_kernels::winograd`]), group by group; their weights are transformed
//! before.

pub(super) mod backward;
mod chunks;
mod convolution;
mod down;
mod engine;
mod evaluators;
mod forward;
mod gate;
mod groups;
mod items;
mod joint;
mod joint_chunks;
mod layout;
mod loss;
mod operations;
pub(super) mod pass;
pub(super) mod places;
mod program;
mod resolved;
mod schedule;
mod segments;
pub(super) mod sums;
mod team;
mod threads;
mod transformed;
mod updates;
mod whole_batch;
pub(super) mod workspace;

pub use convolution::Convolution;
pub use engine::CpuEngine;
pub use paramalloc_kernels::Level;
pub use schedule::{Reason, Schedule, numerics, schedule};
