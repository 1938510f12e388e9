//! Trains the forty tasks of three kinds.

use std::process::ExitCode;

use experiments::run;
use experiments::studies::Clusters;

fn main() -> ExitCode {
    run::main(run::train::<Clusters>)
}
