//! Runs that are killed, damaged and resumed, on generated digits: what they
//! leave is that of a run that was never stopped, bit for bit.

#[cfg(unix)]
mod closed_output;
mod damaged;
mod evaluate;
mod frozen;
#[cfg(unix)]
mod interrupted;
#[cfg(unix)]
mod killed;
mod prune;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{assert_has, command, refusal, succeed, text};

/// A run of half a second with many checkpoints.
const FLAGS: [&str; 10] = [
    "--data=generated",
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

fn mnist(directory: &Path, arguments: &[&str]) -> Command {
    command(env!("CARGO_BIN_EXE_mnist"), directory, arguments)
}

/// The run that the others are compared with, in `whole`.
fn whole_run(directory: &Path) {
    succeed(mnist(
        directory,
        &[&FLAGS[..], &["--logdir=whole"]].concat(),
    ));
}

/// Resumes the run in `name`; gives what was said on standard error.
fn resume(directory: &Path, name: &str) -> String {
    succeed(mnist(directory, &["resume", name, "--quiet"])).1
}

fn assert_same_results(directory: &Path, one: &str, other: &str) {
    for file in RESULTS {
        let read = |run: &str| fs::read(directory.join(run).join(file)).unwrap();
        assert!(read(one) == read(other), "{file} of {one} and {other}");
    }
}

/// Copies a run and its checkpoints, as it was before its last files.
fn copy_unfinished(from: &Path, to: &Path) {
    fs::create_dir_all(to.join("checkpoints")).unwrap();
    for file in ["config.json", "metrics.jsonl"] {
        fs::copy(from.join(file), to.join(file)).unwrap();
    }
    for entry in fs::read_dir(from.join("checkpoints")).unwrap() {
        let name = entry.unwrap().file_name();
        let file = |run: &Path| run.join("checkpoints").join(&name);
        fs::copy(file(from), file(to)).unwrap();
    }
}

/// The command that starts a run in `name`, or resumes the one that is there.
fn start_or_resume<'a>(directory: &Path, name: &'a str, flags: &[&'a str]) -> Command {
    let logdir = format!("--logdir={name}");
    match directory.join(name).join("config.json").exists() {
        true => mnist(directory, &[&["resume", name], flags].concat()),
        false => mnist(directory, &[flags, &[&logdir]].concat()),
    }
}

#[test]
fn a_resume_of_nothing_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    fs::create_dir(directory.join("empty")).unwrap();
    for (name, threads) in [("new", "--threads=1"), ("empty", "--threads=2")] {
        let output = mnist(directory, &["resume", name, threads])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert_has(&refusal(&output), &format!("{name} holds no run"));
    }
    assert!(!directory.join("new").exists());
    assert_eq!(fs::read_dir(directory.join("empty")).unwrap().count(), 0);
}
