//! Training: task steps, which batch comes when, evaluation.

mod sampler;
mod settings;
mod trainer;
mod usage;

pub use sampler::{Sampler, TaskBatch};
pub use settings::TrainSettings;
pub use trainer::{NamedTensor, Noise, StepReport, Trainer};
pub use usage::Usage;
