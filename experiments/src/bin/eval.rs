//! Evaluates the checkpoints of a run, of whatever experiment, as they appear.

use std::process::ExitCode;

use experiments::studies;

fn main() -> ExitCode {
    paramalloc::main(|| paramalloc::evaluate("eval", &studies::all()))
}
