//! Evaluates the checkpoints of a run, of whatever experiment, as they appear.

use std::process::ExitCode;

use experiments::{run, studies};

fn main() -> ExitCode {
    run::main(|| run::evaluate("eval", &studies::all()))
}
