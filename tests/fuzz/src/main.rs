//! Feeds changed files to the readers.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use fuzz::executor::{note_panics, run, write_findings};
use fuzz::targets;

/// Feed changed files to every reader of foreign bytes
#[derive(Debug, Parser)]
struct Arguments {
    /// The readers, by name, separated by commas; all without
    #[arg(long, value_delimiter = ',')]
    target: Vec<String>,

    /// Inputs for each
    #[arg(long, default_value_t = 10_000)]
    count: u64,

    /// No reader is fed longer
    #[arg(long, value_name = "SECONDS")]
    seconds: Option<u64>,

    /// The same seed gives the same inputs
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    note_panics();
    let mut targets = targets::all();
    let names: Vec<&str> = targets.iter().map(|target| target.name()).collect();
    let mut asked = arguments.target.iter();
    if let Some(unknown) = asked.find(|name| !names.contains(&name.as_str())) {
        let names = names.join(", ");
        eprintln!("error: there is no reader `{unknown}`; the readers are {names}");
        return ExitCode::from(2);
    }
    let mut all_well = true;
    for target in &mut targets {
        let name = target.name();
        if !arguments.target.is_empty() && !arguments.target.iter().any(|t| t == name) {
            continue;
        }
        let time = arguments.seconds.map(Duration::from_secs);
        let start = Instant::now();
        let outcome = run(&mut **target, arguments.count, time, arguments.seed);
        println!(
            "{name}: {} executions in {:.0} s, {} accepted, {} kinds of sentences, at most {:.1} MiB",
            outcome.executions,
            start.elapsed().as_secs_f64(),
            outcome.accepted,
            outcome.sentences,
            outcome.peak as f64 / f64::from(1 << 20),
        );
        let paths = match write_findings(name, &outcome.findings) {
            Ok(paths) => paths,
            Err(error) => {
                println!("cannot write findings: {error}");
                return ExitCode::FAILURE;
            }
        };
        for (finding, path) in outcome.findings.iter().zip(paths) {
            println!("  {}: {}", path.display(), finding.what);
            all_well = false;
        }
    }
    match all_well {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
