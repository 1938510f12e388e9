//! A system that refuses: full and read-only disks, file systems without locks, no
//! more threads, no more open files. Whatever call fails, a program says so in one
//! sentence, and what it had saved is there to continue with.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

mod limits;
mod reads;
mod shim;
#[path = "../support/mod.rs"]
mod support;
mod writes;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use shim::{ENOSPC, Fault, Shim};
use support::{command, succeed, text};

/// What must not depend on what failed.
const RESULTS: [&str; 3] = ["metrics.jsonl", "summary.json", "parameters.safetensors"];

/// A short run of an experiment.
#[derive(Clone, Copy)]
struct ShortRun {
    program: &'static str,
    flags: &'static [&'static str],
}

/// Of a third of a second, with many files.
const MNIST: ShortRun = ShortRun {
    program: env!("CARGO_BIN_EXE_mnist"),
    flags: &[
        "--data=generated",
        "--train-examples=96",
        "--test-examples=40",
        "--steps=6",
        "--eval-every=2",
        "--log-every=1",
        "--checkpoint-every=2",
        "--keep-checkpoints=2",
        "--log=jsonl,tensorboard",
        "--threads=2",
        "--quiet",
    ],
};

impl ShortRun {
    /// Begins it in the directory `run` of `directory`, or resumes it there.
    fn start_or_resume(&self, directory: &Path, run: &str) -> Command {
        let logdir = format!("--logdir={run}");
        let flags = match directory.join(run).join("config.json").exists() {
            true => vec!["resume", run, "--quiet"],
            false => [self.flags, &[&logdir]].concat(),
        };
        command(self.program, directory, &flags)
    }

    /// Does all of it in `run`.
    fn whole(&self, directory: &Path, run: &str) {
        succeed(self.start_or_resume(directory, run));
    }
}

/// Stops a run by a disk that is full from its call number `full` on, and resumes it
/// while `fault` comes over what it does below `under`; in the end it is the same.
/// False if no call failed.
fn survives_in_resume(
    directory: &Path,
    shim: &Shim,
    full: usize,
    under: &Path,
    fault: Fault,
) -> bool {
    let run = directory.join("run");
    let _ = fs::remove_dir_all(&run);
    let mut stopped = MNIST.start_or_resume(directory, "run");
    let disk = Fault {
        at: full,
        code: ENOSPC,
        lasting: true,
        only: None,
    };
    shim.preload(&mut stopped, directory, disk);
    assert_says_why(&stopped.output().unwrap(), "stopped");
    assert!(run.join("config.json").exists(), "no run to resume");
    let mut resumed = MNIST.start_or_resume(directory, "run");
    let failures = shim.preload(&mut resumed, under, fault);
    let output = resumed.output().unwrap();
    let Some(first) = failures.first() else {
        assert!(output.status.success(), "{}", text(&output.stderr));
        return false;
    };
    let what = format!("{fault:?}, {first}");
    if !output.status.success() {
        assert_says_why(&output, &what);
    }
    succeed(MNIST.start_or_resume(directory, "run"));
    assert_same_results(directory, "whole", "run", &what);
    true
}

fn assert_same_results(directory: &Path, one: &str, other: &str, what: &str) {
    for file in RESULTS {
        let read = |run: &str| fs::read(directory.join(run).join(file)).unwrap();
        assert!(
            read(one) == read(other),
            "{what}: {file} of {one} and {other}"
        );
    }
}

/// Checks that a program failed and said why in one sentence, its last line.
fn assert_says_why(output: &Output, what: &str) {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{what}: {said}");
    let last = said.lines().last().unwrap_or_default();
    assert!(last.starts_with("error: "), "{what}: {said}");
    assert!(!said.contains("panicked"), "{what}: {said}");
}
