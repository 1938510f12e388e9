//! Training: task steps, which batch comes when, evaluation.
//!
//! [`Trainer::task_step`] learns from a batch of one task, [`Trainer::step_all`] from one
//! that all tasks share; [`Sampler`] says which task comes next and which examples are its
//! batch, and [`Trainer::evaluate`] judges a task on other examples. Learning rates,
//! optimizer and schedule are in [`TrainSettings`].

pub mod checkpoint;
mod checks;
mod evaluation;
mod freeze;
mod joint_sampler;
mod joint_step;
mod optimization;
mod rates;
mod report;
mod sampler;
mod settings;
mod state;
mod step;
mod tensors;
mod trainer;
mod usage;
mod user_layers;

pub use evaluation::Evaluation;
pub use freeze::Freeze;
pub use joint_sampler::{JointBatch, JointSampler};
pub use report::{Noise, StepReport};
pub use sampler::{Sampler, TaskBatch};
pub use settings::TrainSettings;
pub use tensors::{NamedTensor, from_safetensors, to_safetensors};
pub use trainer::Trainer;
pub use usage::Usage;
