//! What a network learns from: tasks, each with its examples.
//!
//! [`Inputs`] are what a network reads, [`Targets`] what it is to predict,
//! [`Examples`] pair them up, and a [`Task`] has examples to train on and to
//! be evaluated on. Tasks that learn from the same inputs share one
//! `Arc<dyn Inputs>`.

mod error;
mod examples;
mod inputs;
mod targets;
mod task;

pub use error::ExamplesError;
pub use examples::Examples;
pub use inputs::{ByteInputs, FloatInputs, IndexInputs, InputKind, Inputs};
pub use targets::{BatchTargets, MISSING_CLASS, OwnedTargets, Target, TargetKind, Targets};
pub use task::Task;
