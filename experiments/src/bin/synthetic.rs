//! Trains pairs of tasks of chosen relatedness.

use std::process::ExitCode;

use experiments::run;
use experiments::studies::Synthetic;

fn main() -> ExitCode {
    run::main(run::train::<Synthetic>)
}
