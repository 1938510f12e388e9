//! The engine that runs typed dfdx tensors on a tape, on any dfdx device.

pub mod composed;
pub(crate) mod cpu_field;
pub mod device;
mod engine;
pub mod field_pass;
pub mod layer_device;
pub mod pass;
mod typed;

pub use engine::TapeEngine;
pub use typed::TypedNetwork;
