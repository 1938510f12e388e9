//! Everything around the training loop that makes an experiment a screen or
//! two: command line, settings, run folder, display, report.
//!
//! An experiment is a network, its tasks and its defaults:
//!
//! ```no_run
//! # use paramalloc_data::mnist_tasks;
//! # use paramalloc::{self as run, Experiment};
//! # use paramalloc_core::network::Multitask;
//! # fn main_of<MnistNet: Multitask>() -> std::process::ExitCode {
//! run::main(|| {
//!     let experiment = Experiment {
//!         name: "mnist",
//!         about: "Learns four digit tasks",
//!         ..Experiment::default()
//!     };
//!     run::experiment::<MnistNet>(&experiment, mnist_tasks)
//! })
//! # }
//! ```
//!
//! A [`Study`] is such an experiment as a type: it may have options of its own,
//! say by which to choose among networks, and its runs can be trained, evaluated
//! and pruned by a `main` of one line each ([`train`], [`evaluate`], [`prune`]).
//!
//! Results go to standard output, all else to standard error.
//!
#![doc = include_str!("../../docs/run-folder.md")]

pub mod arguments;
mod commands;
mod display;
mod error;
mod experiment;
mod interrupt;
mod program;
mod record;
mod report;
mod results;
mod run_dir;
mod session;
mod settings;
mod setup;
mod shell;
mod stdio;
mod study;
#[cfg(test)]
mod testing;

pub use arguments::NoOptions;
pub use commands::eval::evaluate;
pub use commands::prune::prune;
pub use commands::train::Finished;
pub use error::{CheckpointError, ConfigError, Error, TaskError};
pub use experiment::{Experiment, Loaded, experiment};
pub use program::{INTERRUPTED, main};
pub use session::json_lines::JsonLines;
pub use session::logger::{Event, Logger};
pub use settings::Settings;
pub use shell::{quoted, tool};
pub use stdio::{print, say};
pub use study::{AnyStudy, Study, Visitor, train};
