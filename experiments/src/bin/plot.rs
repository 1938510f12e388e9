//! Draws a saved run: who uses what, how alike the tasks are, and how it came
//! to be.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use paramalloc::Error;
use paramalloc::arguments;
use paramalloc_plot::Run;

/// The command line.
#[derive(Args)]
struct PlotArgs {
    /// Folder of the run, with its summary.json and metrics.jsonl
    #[arg(long, value_name = "RUN")]
    dir: PathBuf,

    /// Folder for the pictures; made if need be [default: RUN/plots]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

fn main() -> ExitCode {
    paramalloc::main(plot)
}

fn plot() -> Result<(), Error> {
    let about = "Prints the allocation, the similarity of the tasks and the final figures of a run, then draws them, the connection probabilities over time and the training curves, each as PNG and as SVG";
    let args: PlotArgs = arguments::parse_args("plot", about, std::env::args_os())?;
    let out = args.out.unwrap_or_else(|| args.dir.join("plots"));
    let run = Run::read(&args.dir).map_err(Error::other)?;
    for warning in run.omissions() {
        paramalloc::say(&format!("warning: {warning}"));
    }
    paramalloc::print(&run.text())?;
    let files = run.draw(&out).map_err(Error::other)?;
    let files = files.iter().map(|file| format!("  {}\n", file.display()));
    paramalloc::print(&format!("\nPictures\n{}", files.collect::<String>()))
}
