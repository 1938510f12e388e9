//! The experiments.

pub mod studies;
