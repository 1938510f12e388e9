//! Experiments on multi-task networks that learn which parts of the network
//! each task uses: a command line, settings, a run directory, display and
//! report around a network, its tasks and its defaults.
//!
//! ```no_run
//! use paramalloc::prelude::*;
//!
//! /// Three routed layers of four convolutions each.
//! #[multitask(input = (1, 28, 28), tasks = 4)]
//! pub struct MnistNet {
//!     #[routed(4)]
//!     conv1: (Conv2D<1, 4, 5>, ReLU),
//!     pool1: AvgPool2D<2>,
//!     #[routed(4)]
//!     conv2: (Conv2D<4, 4, 3>, ReLU),
//!     pool2: AvgPool2D<2>,
//!     #[routed(4)]
//!     conv3: (Conv2D<4, 4, 3>, ReLU),
//!     flatten: Flatten2D,
//!     dropout: Dropout,
//!     #[head(classes = 10)]
//!     head: Linear<36, 10>,
//! }
//!
//! fn main() -> ExitCode {
//!     Experiment::new("mnist", MnistNet::NETWORK, sources::mnist())
//!         .about("Learns four digit tasks and who uses which convolutions")
//!         .defaults(Settings::default().epochs(10).batch_size(16).learning_rate(5e-3))
//!         .main()
//! }
//! ```
//!
//! The program trains (`mnist --budget 0.75 --budget-penalty 1`), and its
//! subcommands resume, evaluate and prune runs (`mnist eval RUN`). Results go to
//! standard output, all else to standard error.

mod arguments;
pub mod commands;
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
mod shell;
mod stdio;
mod subcommand;
mod subject;
#[cfg(test)]
mod testing;

pub use arguments::flags::{NoOptions, number};
pub use commands::train::Finished;
pub use error::{CheckpointError, ConfigError, Error, TaskError};
pub use experiment::{Done, Experiment};
pub use paramalloc_core as core;
pub use paramalloc_core::prelude::dfdx;
pub use paramalloc_data as data;
pub use program::{INTERRUPTED, exit, main};
pub use session::json_lines::JsonLines;
pub use session::logger::{Event, Logger};
pub use settings::Settings;
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
