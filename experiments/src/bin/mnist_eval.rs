//! Evaluates the checkpoints of a run on the digit tasks as they appear.

use std::process::ExitCode;

use experiments::data::mnist_tasks;
use experiments::mnist::{MnistNet, experiment};
use experiments::run;

fn main() -> ExitCode {
    run::main(|| run::evaluate_checkpoints::<MnistNet>(&experiment(), mnist_tasks))
}
