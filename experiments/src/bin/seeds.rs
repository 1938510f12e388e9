//! Puts runs with several seeds together: mean, deviation and interval.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use experiments::run;
use experiments::seeds::{read_groups, table};

/// Mean, sample deviation and 95 % interval over seeds, as a Markdown table.
///
/// Runs with the same settings but for the seed are one row.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Folders of finished runs of one experiment
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,

    /// The split whose results are shown
    #[arg(long, default_value = "test")]
    split: String,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let text = read_groups(&args.runs).and_then(|groups| table(&groups, &args.split));
    match text {
        Ok(text) => {
            run::print(&text);
            ExitCode::SUCCESS
        }
        Err(error) => {
            run::say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}
