//! Draws a saved run: who uses what, how alike the tasks are, and how it came
//! to be.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use experiments::plot::{PlotError, Run};

/// Print and draw a saved run.
///
/// Prints the allocation, the similarity of the tasks and the final figures,
/// then writes pictures of them, of the connection probabilities over time and
/// of the training curves, each as PNG and as SVG.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Folder of the run, with its summary.json and metrics.jsonl
    #[arg(long, value_name = "RUN")]
    dir: PathBuf,

    /// Folder for the pictures; made if need be [default: RUN/plots]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let out = args.out.unwrap_or_else(|| args.dir.join("plots"));
    match plot(&args.dir, &out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn plot(dir: &Path, out: &Path) -> Result<(), PlotError> {
    let run = Run::read(dir)?;
    for warning in &run.warnings {
        let _ = writeln!(io::stderr(), "warning: {warning}");
    }
    print(&run.text());
    let files = run.draw(out)?;
    let mut list = "\nPictures\n".to_owned();
    for file in files {
        list += &format!("  {}\n", file.display());
    }
    print(&list);
    Ok(())
}

/// Prints; a reader that has seen enough (`plot ... | head`) is no error, the
/// pictures are still drawn.
fn print(text: &str) {
    if let Err(error) = io::stdout().write_all(text.as_bytes())
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        let _ = writeln!(io::stderr(), "warning: cannot print the report: {error}");
    }
}
