//! The directory of a run: its files, its lock, its checkpoints.

pub mod checkpoints;
pub mod directory;
pub mod files;
pub mod lock;
pub mod metrics;
