//! Runs that are killed, damaged and gone on with, on drawn digits: what they
//! leave is that of a run that was never stopped, bit for bit.

mod damaged;
mod evaluate;
#[cfg(unix)]
mod killed;
mod prune;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// A run of half a second with many checkpoints.
const FLAGS: [&str; 10] = [
    "--data=drawn",
    "--train-examples=96",
    "--test-examples=40",
    "--steps=60",
    "--eval-every=5",
    "--log-every=4",
    "--checkpoint-every=3",
    "--l2-penalty=1e-4",
    "--clip-norm=1",
    "--quiet",
];

/// What must not depend on stops.
const RESULTS: [&str; 3] = ["metrics.jsonl", "summary.json", "parameters.safetensors"];

fn command(program: &str, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).args(arguments);
    command.env_remove("PARAMALLOC_DATA");
    command
}

fn mnist(folder: &Path, arguments: &[&str]) -> Command {
    command(env!("CARGO_BIN_EXE_mnist"), folder, arguments)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs a program that must succeed; gives its standard output and error.
fn succeed(mut command: Command) -> (String, String) {
    let output = command.output().unwrap();
    let errors = text(&output.stderr);
    assert!(output.status.success(), "{errors}");
    (text(&output.stdout), errors)
}

/// The run that the others are compared with, in `whole`.
fn whole_run(folder: &Path) {
    succeed(mnist(folder, &[&FLAGS[..], &["--logdir=whole"]].concat()));
}

/// Goes on with the run in `name`; gives what was said on standard error.
fn resume(folder: &Path, name: &str) -> String {
    let logdir = format!("--logdir={name}");
    succeed(mnist(folder, &["--resume", "--quiet", &logdir])).1
}

fn assert_same_results(folder: &Path, one: &str, other: &str) {
    for file in RESULTS {
        let read = |run: &str| fs::read(folder.join(run).join(file)).unwrap();
        assert!(read(one) == read(other), "{file} of {one} and {other}");
    }
}

/// The last line of a refusal, which names what is wrong.
fn refusal(output: &Output) -> String {
    let said = text(&output.stderr);
    assert_ne!(output.status.code(), Some(0), "{said}");
    let last = said.lines().last().unwrap_or_default().to_owned();
    assert!(last.starts_with("error: "), "{said}");
    last
}

fn assert_has(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is not in\n{text}");
}

/// Copies a run and its checkpoints, as it was before its last files.
fn copy_unfinished(from: &Path, to: &Path) {
    fs::create_dir_all(to.join("checkpoints")).unwrap();
    for file in ["config.json", "metrics.jsonl"] {
        fs::copy(from.join(file), to.join(file)).unwrap();
    }
    for entry in fs::read_dir(from.join("checkpoints")).unwrap() {
        let name = entry.unwrap().file_name();
        let place = |run: &Path| run.join("checkpoints").join(&name);
        fs::copy(place(from), place(to)).unwrap();
    }
}
