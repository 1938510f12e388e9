//! Writes the network of one digit task alone.

use std::process::ExitCode;

use experiments::data::mnist_tasks;
use experiments::mnist::{MnistNet, experiment};
use experiments::run;

fn main() -> ExitCode {
    run::main(|| run::prune_run::<MnistNet>(&experiment(), mnist_tasks))
}
