//! Trains the four digit tasks.

use std::process::ExitCode;

use experiments::data::mnist_tasks;
use experiments::mnist::{MnistNet, experiment};
use experiments::run;

fn main() -> ExitCode {
    run::main(|| run::experiment::<MnistNet>(&experiment(), mnist_tasks))
}
