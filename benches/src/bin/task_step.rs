//! Times task steps: forward, backward and Adam over all parameters. Prints
//! one line of JSON per case and number of threads.

use std::process::ExitCode;

use benches::case::Case;
use clap::Parser;
use paramalloc_core::engine::cpu::Convolution;
use paramalloc_core::error::Error;
use paramalloc_core::routing::Method;
use serde_json::json;

/// Times task steps of the experiments' networks on random batches.
#[derive(Parser)]
struct Arguments {
    /// Networks; all by default.
    #[arg(long, value_delimiter = ',')]
    case: Vec<Case>,
    /// Numbers of threads.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 2])]
    threads: Vec<usize>,
    /// `gumbel_matrix`, `shared_bottom`, or `no_sharing` (MNIST only).
    #[arg(long, default_value_t = Method::GumbelMatrix)]
    method: Method,
    /// How wide convolutions are computed: `auto`, `direct` or `winograd`.
    #[arg(long, default_value_t)]
    convolution: Convolution,
    /// Task steps of each run; the first fifth warms up.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    steps: Option<u32>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Error> {
    let cases = match arguments.case.as_slice() {
        [] => &Case::ALL,
        chosen => chosen,
    };
    for &case in cases {
        for &threads in &arguments.threads {
            let mut trainer = case.trainer_by(arguments.method, threads, arguments.convolution)?;
            let examples = case.examples(&trainer);
            let steps = arguments.steps.map_or(case.steps(), |steps| steps as usize);
            let times = examples.time_steps(&mut trainer, steps)?;
            let ms = |seconds: f64| (seconds * 1e6).round() / 1e3;
            let line = json!({
                "case": case.name(),
                "threads": threads,
                "method": arguments.method.to_string(),
                "convolution": arguments.convolution.to_string(),
                "steps": steps,
                "ms_per_task_step": ms(times.median()),
                "best_ms": ms(times.best()),
            });
            println!("{line}");
        }
    }
    Ok(())
}
