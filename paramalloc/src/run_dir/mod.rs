//! The directory of a run: its files, its lock, its checkpoints.

pub mod checkpoints;
pub mod directory;
pub mod files;
pub mod growing_file;
pub mod lock;
pub mod parameters;
