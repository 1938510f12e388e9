//! Puts runs of `synthetic` together: does learned sharing follow how related
//! the tasks are, and what does it do for their error?

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use paramalloc::Stop;
use paramalloc::cli;
use paramalloc_plot::Relatedness;
use paramalloc_plot::seeds::read_groups;

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

fn relatedness() -> Result<(), Stop> {
    let about = "Error and overlap against relatedness, mean and sample deviation over seeds, as a table and as the picture relatedness";
    let args: RelatednessArgs = cli::parse_args("relatedness", about, std::env::args_os())?;
    let groups = read_groups(&args.runs).map_err(Stop::failure)?;
    let found = Relatedness::of_groups(&groups).map_err(Stop::failure)?;
    let files = found.draw(&args.out).map_err(Stop::failure)?;
    let files = files.iter().map(|file| format!("  {}\n", file.display()));
    let files = files.collect::<String>();
    paramalloc::print(&format!("{}\nPictures\n{files}", found.table()));
    Ok(())
}
