//! Evaluates the checkpoints of an Omniglot run as they appear.

use std::process::ExitCode;

use experiments::studies::Omniglot;
use paramalloc::{self, AnyStudy};

fn main() -> ExitCode {
    paramalloc::main(|| paramalloc::evaluate("omniglot_eval", &[AnyStudy::of::<Omniglot>()]))
}
