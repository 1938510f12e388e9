//! Peak memory. Each network runs in a process of its own, because the peak
//! of a process never falls.

use std::fs;
use std::process::Command;

use benches::case::Case;
use benches::table::Table;
use clap::ValueEnum;
use paramalloc_core::error::Error;
use paramalloc_core::routing::Method;

pub fn print() -> Result<(), Error> {
    let mut table = Table::new(&["network", "peak memory, MiB"]);
    for case in Case::ALL {
        table.row(&[case.name().to_string(), in_own_process(case)?]);
    }
    table.print("Peak memory in training, 2 threads");
    Ok(())
}

/// Three task steps, then the peak.
pub fn print_peak(case: Case) -> Result<(), Error> {
    let mut trainer = case.trainer(Method::GumbelMatrix, 2)?;
    let examples = case.examples(&trainer);
    for task in 0..3 {
        examples.step(&mut trainer, task)?;
    }
    println!("{}", peak_mib()?);
    Ok(())
}

fn in_own_process(case: Case) -> Result<String, Error> {
    let cannot = |e| Error::other(format!("cannot run this program again: {e}"));
    let value = case.to_possible_value().expect("no case is hidden");
    let output = std::env::current_exe()
        .and_then(|this| {
            Command::new(this)
                .args(["peak-of", value.get_name()])
                .output()
        })
        .map_err(cannot)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_string());
    }
    let message = String::from_utf8_lossy(&output.stderr);
    Err(Error::other(message.trim().to_string()))
}

/// `VmHWM` of Linux: the largest memory of the process.
fn peak_mib() -> Result<u64, Error> {
    const FILE: &str = "/proc/self/status";
    let status = fs::read_to_string(FILE)
        .map_err(|e| Error::other(format!("cannot read {FILE}, which Linux has: {e}")))?;
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kib.map(|kib| kib / 1024)
        .ok_or_else(|| Error::other(format!("{FILE} has no line `VmHWM`")))
}
