//! Puts runs of `synthetic` together: does learned sharing follow how related
//! the tasks are, and what does it do for their error?

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use paramalloc::Error;
use paramalloc::arguments;
use paramalloc_plot::compare::Comparison;

/// The command line.
#[derive(Args)]
struct RelatednessArgs {
    /// Folders of finished runs of `synthetic`
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,

    /// Folder for the pictures; made if need be
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

fn main() -> ExitCode {
    paramalloc::main(relatedness)
}

fn relatedness() -> Result<(), Error> {
    let about = "Error and overlap against relatedness, mean and sample deviation over seeds, as a table and as the picture relatedness";
    let args: RelatednessArgs = arguments::parse_args("relatedness", about, std::env::args_os())?;
    let runs = Comparison::read(&args.runs).map_err(Error::other)?;
    let found = runs.relatedness().ok_or_else(|| {
        Error::other("these runs have no pairs of tasks; give runs of `synthetic`")
    })?;
    let files = found.draw(&args.out).map_err(Error::other)?;
    let files = files.iter().map(|file| format!("  {}\n", file.display()));
    let files = files.collect::<String>();
    paramalloc::print(&format!("{}\nPictures\n{files}", found.table()))
}
