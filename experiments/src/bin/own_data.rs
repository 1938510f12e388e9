//! Trains the tasks in a folder of yours; `docs/own-data.md` says how.

use std::process::ExitCode;

use experiments::studies::OwnData;

fn main() -> ExitCode {
    paramalloc::main(paramalloc::train::<OwnData>)
}
