//! Trains the alphabets.

use std::process::ExitCode;

use experiments::run;
use experiments::studies::Omniglot;

fn main() -> ExitCode {
    run::main(run::train::<Omniglot>)
}
