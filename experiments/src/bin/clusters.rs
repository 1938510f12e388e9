//! Trains the forty tasks of three kinds.

use std::process::ExitCode;

use experiments::studies::Clusters;

fn main() -> ExitCode {
    paramalloc::main(paramalloc::train::<Clusters>)
}
