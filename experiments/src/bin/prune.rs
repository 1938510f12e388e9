//! Writes the network of one task of a run, of whatever experiment.

use std::process::ExitCode;

use experiments::studies;

fn main() -> ExitCode {
    paramalloc::main(|| paramalloc::prune("prune", &studies::all()))
}
