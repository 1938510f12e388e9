//! The settings of a run: where they come from, their ranges, what follows
//! from them, how those of two runs differ.

mod batches;
pub mod choices;
pub mod class_weights;
pub mod config;
pub mod difference;
mod log_format;
pub mod merge;
pub mod origin;
pub mod ranges;
pub mod resolved;
mod run_settings;
pub mod schedule;
mod select;
mod setters;

pub use batches::Batches;
pub use class_weights::ClassWeights;
pub use log_format::LogFormat;
pub use run_settings::Settings;
pub use select::Select;
