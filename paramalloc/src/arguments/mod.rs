//! The flags that all experiments share, and how command lines are parsed.
//!
//! A flag is named after the setting it changes (see [`crate::Settings`]);
//! each with a dash is also known with an underscore, `--budget_penalty` for
//! example.

pub mod command_line;
pub mod flags;
pub mod given;
pub mod images;
pub mod number;
pub mod optimization;
pub mod own_options;
pub mod target_kinds;
