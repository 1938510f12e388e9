//! Trains the four digit tasks.

use std::process::ExitCode;

use experiments::run;
use experiments::studies::Mnist;

fn main() -> ExitCode {
    run::main(run::train::<Mnist>)
}
