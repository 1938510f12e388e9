#![doc = include_str!("../README.md")]
#![deny(missing_docs, missing_debug_implementations)]

mod arguments;
pub mod commands;
mod display;
mod error;
mod experiment;
mod interrupt;
mod metric_names;
mod model;
mod program;
mod record;
mod report;
mod results;
mod run_dir;
mod session;
mod settings;
mod shell;
mod stdio;
mod subcommand;
mod subject;
mod sweep;
mod task_metrics;
#[cfg(test)]
mod testing;

pub use arguments::flags::NoOptions;
pub use arguments::number::number;
pub use commands::train::Finished;
pub use error::{
    CheckpointError, ConfigError, Error, InitError, MetricError, PredictError, SweepError,
    TaskError, WeightError,
};
pub use experiment::{Done, Experiment};
pub use model::{Model, Predicted, Saving};
pub use paramalloc_core as core;
pub use paramalloc_core::prelude::dfdx;
pub use paramalloc_data as data;
pub use program::{INTERRUPTED, exit, main};
pub use session::json_lines::JsonLines;
pub use session::logger::{Event, Logger};
pub use settings::{Batches, ClassWeights, LogFormat, Select, Settings};
pub use shell::{quoted, tool};
pub use stdio::{print, say};

#[doc(hidden)]
pub use paramalloc_core::__private;

/// What an experiment needs: `use paramalloc::prelude::*`.
pub mod prelude {
    pub use std::process::ExitCode;

    pub use paramalloc_core::prelude::*;

    pub use crate::{Error, Experiment, Finished, Settings};
    pub use paramalloc_data::sources;
}

/// Compiles the program of the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// Compiles the snippets of the chapter on the language.
#[cfg(doctest)]
#[doc = include_str!("../../docs/language.md")]
struct Language;
