//! Trains the four digit tasks.

use std::process::ExitCode;

use experiments::studies::Mnist;

fn main() -> ExitCode {
    paramalloc::main(paramalloc::train::<Mnist>)
}
