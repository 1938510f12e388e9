//! What a task step costs as the network, its use and the batch change; speed
//! of evaluation, memory and allocations. Prints Markdown tables.

mod allocation;
mod allocations;
mod evaluation;
mod floor;
mod growth;
mod layers;
mod levels;
mod memory;
mod product;
mod usage;

use std::process::ExitCode;

use benches::case::Case;
use benches::counting::Counting;
use clap::{Parser, Subcommand};
use paramalloc_core::error::Error;

#[global_allocator]
static COUNTING: Counting = Counting::new();

/// Measures cost on random data and prints it as Markdown tables.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Clone, Copy, Subcommand)]
enum What {
    /// Time against the share of the network that a task uses.
    Usage,
    /// Time against components, tasks, batch and filters.
    Growth,
    /// Time of a task step against its multiply-adds alone.
    Floor,
    /// Time of a task step with each instruction set of this machine.
    Levels,
    /// Examples per second at evaluation.
    Evaluation,
    /// Examples per second at evaluation of one network, as JSON.
    EvaluationOf {
        /// The network.
        case: Case,
        /// Number of threads.
        threads: usize,
    },
    /// Peak memory of each network in training.
    Memory,
    /// Peak memory of one network in training, in MiB, by itself.
    PeakOf {
        /// The network.
        case: Case,
    },
    /// GFLOP/s of the products of a dense layer on one core, as JSON.
    ProductOf {
        /// Examples that pass through the layer.
        examples: usize,
        /// Its inputs.
        inputs: usize,
        /// Its outputs.
        outputs: usize,
    },
    /// Each layer forward and backward, as JSON.
    Layers {
        /// Number of threads.
        threads: usize,
    },
    /// Allocations per task step.
    Allocations,
    /// All of these.
    All,
}

fn main() -> ExitCode {
    match run(Arguments::parse().what) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(what: What) -> Result<(), Error> {
    match what {
        What::Usage => usage::print(),
        What::Growth => growth::print(),
        What::Floor => floor::print(),
        What::Levels => levels::print(),
        What::Evaluation => evaluation::print(),
        What::EvaluationOf { case, threads } => evaluation::print_speed(case, threads),
        What::Memory => memory::print(),
        What::PeakOf { case } => memory::print_peak(case),
        What::ProductOf {
            examples,
            inputs,
            outputs,
        } => product::print(product::Layer {
            examples,
            inputs,
            outputs,
        }),
        What::Layers { threads } => layers::print(threads),
        What::Allocations => allocations::print(&COUNTING),
        What::All => {
            for what in [
                What::Floor,
                What::Levels,
                What::Usage,
                What::Growth,
                What::Evaluation,
                What::Memory,
                What::Allocations,
            ] {
                run(what)?;
            }
            Ok(())
        }
    }
}
