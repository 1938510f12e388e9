//! Trains pairs of tasks of chosen relatedness.

use std::process::ExitCode;

use experiments::studies::Synthetic;

fn main() -> ExitCode {
    paramalloc::main(paramalloc::train::<Synthetic>)
}
