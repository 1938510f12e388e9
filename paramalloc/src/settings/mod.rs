//! The settings of a run: where they come from, their ranges, what follows
//! from them, how those of two runs differ.

pub mod config;
pub mod difference;
pub mod merge;
pub mod origin;
pub mod ranges;
pub mod resolved;
mod run_settings;
pub mod schedule;
mod setters;

pub use run_settings::Settings;
