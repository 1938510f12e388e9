//! Evaluates the checkpoints of an Omniglot run as they appear.

use std::process::ExitCode;

use experiments::run::{self, AnyStudy};
use experiments::studies::Omniglot;

fn main() -> ExitCode {
    run::main(|| run::evaluate("omniglot_eval", &[AnyStudy::of::<Omniglot>()]))
}
