//! Training: task steps, which batch comes when, evaluation.

pub mod checkpoint;
mod checks;
mod evaluation;
mod freeze;
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
pub use report::{Noise, StepReport};
pub use sampler::{Sampler, TaskBatch};
pub use settings::TrainSettings;
pub use tensors::{NamedTensor, from_safetensors, to_safetensors};
pub use trainer::Trainer;
pub use usage::Usage;
