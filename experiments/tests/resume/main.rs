//! Runs that are killed, damaged and gone on with, on drawn digits: what they
//! leave is that of a run that was never stopped, bit for bit.

mod damaged;
mod evaluate;
#[cfg(unix)]
mod interrupted;
#[cfg(unix)]
mod killed;
mod prune;
#[path = "../support/mod.rs"]
mod support;
#[cfg(unix)]
mod unheard;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{assert_has, command, refusal, succeed, text};

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

fn mnist(folder: &Path, arguments: &[&str]) -> Command {
    command(env!("CARGO_BIN_EXE_mnist"), folder, arguments)
}

/// The run that the others are compared with, in `whole`.
fn whole_run(folder: &Path) {
    succeed(mnist(folder, &[&FLAGS[..], &["--logdir=whole"]].concat()));
}

/// Goes on with the run in `name`; gives what was said on standard error.
fn resume(folder: &Path, name: &str) -> String {
    succeed(mnist(folder, &["resume", name, "--quiet"])).1
}

fn assert_same_results(folder: &Path, one: &str, other: &str) {
    for file in RESULTS {
        let read = |run: &str| fs::read(folder.join(run).join(file)).unwrap();
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
        let place = |run: &Path| run.join("checkpoints").join(&name);
        fs::copy(place(from), place(to)).unwrap();
    }
}

/// The command that starts a run in `name`, or resumes the one that is there.
fn start_or_resume<'a>(folder: &Path, name: &'a str, flags: &[&'a str]) -> Command {
    let logdir = format!("--logdir={name}");
    match folder.join(name).join("config.json").exists() {
        true => mnist(folder, &[&["resume", name], flags].concat()),
        false => mnist(folder, &[flags, &[&logdir]].concat()),
    }
}

#[test]
fn a_resume_of_nothing_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("empty")).unwrap();
    for (name, threads) in [("new", "--threads=1"), ("empty", "--threads=2")] {
        let output = mnist(folder, &["resume", name, threads]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert_has(&refusal(&output), &format!("{name} holds no run"));
    }
    assert!(!folder.join("new").exists());
    assert_eq!(fs::read_dir(folder.join("empty")).unwrap().count(), 0);
}
