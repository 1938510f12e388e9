//! Trains the alphabets.

use std::process::ExitCode;

use experiments::studies::Omniglot;

fn main() -> ExitCode {
    paramalloc::main(paramalloc::train::<Omniglot>)
}
