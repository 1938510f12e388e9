//! The tool as a user runs it, on generated run directories.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use experiments::MnistNet;
use paramalloc::prelude::{Experiment, Multitask, sources};
use serde_json::{Value, json};
use tempfile::TempDir;

#[path = "../../../paramalloc-plot/src/generated_runs.rs"]
pub mod generated_runs;

use generated_runs::GeneratedRun;

pub fn tool(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paramalloc"));
    command.args(arguments).output().unwrap()
}

/// A command that must succeed without a word on standard error; gives its
/// standard output.
pub fn succeeds(arguments: &[&str]) -> String {
    let output = tool(arguments);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(text(&output.stderr), "");
    text(&output.stdout)
}

/// A command that must fail with the one line `error: ...`; gives that line.
pub fn fails(arguments: &[&str]) -> String {
    let output = tool(arguments);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let message = text(&output.stderr);
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(message.starts_with("error: "), "{message}");
    message.trim_end().to_owned()
}

/// What a user types in `directory`, with a space between arguments.
pub fn type_in(directory: &Path, arguments: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paramalloc"));
    let command = command.current_dir(directory);
    command.args(arguments.split_whitespace()).output().unwrap()
}

/// The same where it must succeed: standard output and standard error.
#[track_caller]
pub fn succeeds_in(directory: &Path, arguments: &str) -> (String, String) {
    let output = type_in(directory, arguments);
    let (out, said) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{arguments}: {said}");
    (out, said)
}

/// The same where it must fail with this status and an error of these parts.
#[track_caller]
pub fn fails_in(directory: &Path, arguments: &str, status: i32, parts: &[&str]) {
    let output = type_in(directory, arguments);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{said}");
    let error = said.find("error: ").map_or("", |at| &said[at..]);
    for part in parts {
        assert!(error.contains(part), "no `{part}` in: {said}");
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The run in a directory of its own.
pub fn directory(run: &GeneratedRun) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    write(run, directory.path());
    directory
}

/// Writes the files of a run: summary, metrics and configuration.
pub fn write(run: &GeneratedRun, directory: &Path) {
    fs::create_dir_all(directory).unwrap();
    run.summary.write(directory).unwrap();
    let lines = run.metrics.iter();
    let lines = lines.map(|m| serde_json::to_string(m).unwrap() + "\n");
    let lines: String = lines.collect();
    fs::write(directory.join("metrics.jsonl"), lines).unwrap();
    let config = json!({
        "experiment": run.summary.experiment,
        "version": "0.1.0",
        "seed": run.summary.seed,
        "threads": 2,
        "router": { "method": run.summary.method },
        "penalties": { "budget": 1.0, "budget_penalty": 0.0 },
    });
    fs::write(directory.join("config.json"), config.to_string()).unwrap();
}

/// Changes the configuration of a run.
pub fn configure(directory: &Path, change: impl Fn(&mut Value)) {
    let path = directory.join("config.json");
    let mut config = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut config);
    fs::write(path, config.to_string()).unwrap();
    forget_contents(directory);
}

/// Removes the manifest, which would tell that a test changed a file: the program that
/// wrote such a file would have written a manifest that fits.
pub fn forget_contents(directory: &Path) {
    let _ = fs::remove_file(directory.join("manifest.json"));
}

/// A run that version 0.1 wrote.
pub fn run_of_version_0_1() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/run-0.1")
}

/// A run of a second on generated digits, trained in this process.
pub fn trained(parent: &Path) -> String {
    let run = parent.join("run").display().to_string();
    let experiment = Experiment::new("mnist", MnistNet::NETWORK, sources::mnist());
    let arguments = [
        "mnist",
        "--data=generated",
        "--train-examples=96",
        "--test-examples=40",
        "--steps=12",
        "--eval-every=4",
        "--checkpoint-every=4",
        "--threads=1",
        "--quiet",
        "--logdir",
        &run,
    ];
    experiment.run_from(arguments).unwrap();
    run
}
