//! The directory of a run: its files, its lock, its checkpoints.

pub mod checkpoints;
pub mod config;
pub mod directory;
pub mod files;
pub mod lock;
pub mod metrics;
pub mod refused;
