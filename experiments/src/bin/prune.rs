//! Writes the network of one task of a run, of whatever experiment.

use std::process::ExitCode;

use experiments::{run, studies};

fn main() -> ExitCode {
    run::main(|| run::prune("prune", &studies::all()))
}
