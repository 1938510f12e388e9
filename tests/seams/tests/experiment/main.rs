//! What a user adds to an experiment, each in a few lines, and that it is
//! really used.

mod best;
mod logger;
mod metric;
mod mixed;
mod optimizer;
mod source;
mod subcommand;

use std::path::Path;

use paramalloc::{Done, Error, Experiment, Finished, Settings};
use paramalloc_core::network::Multitask;
use seams::Net;

/// An experiment of a moment on the user's data source.
fn experiment() -> Experiment {
    let defaults = Settings::default().steps(12).batch_size(8);
    let defaults = defaults.eval_every(4).checkpoint_every(4).log_every(4);
    Experiment::new("seams", Net::NETWORK, source::Points).defaults(defaults)
}

/// Runs a command line after the name of the program.
fn run(experiment: &Experiment, arguments: &[&str]) -> Result<Done, Error> {
    experiment.run_from([&["seams"], arguments].concat())
}

/// Trains in `path`.
fn train(experiment: &Experiment, path: &Path) -> Finished {
    let path = path.display().to_string();
    match run(experiment, &["--quiet", "--logdir", &path]).unwrap() {
        Done::Trained(finished) => *finished,
        other => panic!("{other:?}"),
    }
}

/// The trained parameters of the run in `path`.
fn parameters(path: &Path) -> Vec<u8> {
    std::fs::read(path.join("parameters.safetensors")).unwrap()
}
