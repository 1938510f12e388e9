//! Puts runs with several seeds together: mean, deviation and interval.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use paramalloc::Error;
use paramalloc::arguments;
use paramalloc_plot::compare::Comparison;

/// The command line.
#[derive(Args)]
struct SeedsArgs {
    /// Folders of finished runs of one experiment
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,

    /// The split whose results are shown
    #[arg(long, default_value = "test")]
    split: String,
}

fn main() -> ExitCode {
    paramalloc::main(seeds)
}

fn seeds() -> Result<(), Error> {
    let about = "Mean, sample deviation and 95 % interval over seeds, as a Markdown table; runs with the same settings but for the seed are one row";
    let args: SeedsArgs = arguments::parse_args("seeds", about, std::env::args_os())?;
    let runs = Comparison::read(&args.runs).map_err(Error::other)?;
    let table = runs.table(&args.split).map_err(Error::other)?;
    paramalloc::print(&table)
}
