//! Puts runs of `synthetic` together: does learned sharing follow how related
//! the tasks are, and what does it do for their error?

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use experiments::plot::Relatedness;
use experiments::run;
use experiments::seeds::read_groups;

/// Error and overlap against relatedness, over methods and seeds.
///
/// Prints mean and sample deviation over the seeds and draws
/// `relatedness.png` and `relatedness.svg`.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Folders of finished runs of `synthetic`
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,

    /// Folder for the pictures; made if need be
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match compare(&args.runs, &args.out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            run::say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn compare(runs: &[PathBuf], out: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let found = Relatedness::of_groups(&read_groups(runs)?)?;
    let files = found.draw(out)?;
    let list = files.iter().map(|file| format!("  {}\n", file.display()));
    let list = list.collect::<String>();
    run::print(&format!("{}\nPictures\n{list}", found.table()));
    Ok(())
}
