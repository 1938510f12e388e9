//! Nobody reads standard error any more: a full disk, `2>&1 | head -1`, a
//! terminal that was closed.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::support::process::{signal, wait_for};
use crate::*;

/// [`FLAGS`] without `--quiet`.
fn loud(logdir: &str) -> Vec<&str> {
    let (_, flags) = FLAGS.split_last().unwrap();
    [flags, &[logdir]].concat()
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_error_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    whole_run(directory);
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut run = mnist(directory, &loud("--logdir=run"));
    assert!(run.stderr(full).output().unwrap().status.success());
    assert_same_results(directory, "whole", "run");
}

#[test]
fn a_run_whose_reader_has_left_is_saved_when_it_is_stopped() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let mut flags = loud("--logdir=run");
    flags[3] = "--steps=100000000";
    flags[6] = "--checkpoint-every=0";
    let mut run = mnist(directory, &flags);
    run.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut run = run.spawn().unwrap();
    let said = run.stderr.take().unwrap();
    let mut heading = String::new();
    BufReader::new(said).read_line(&mut heading).unwrap();
    assert_has(&heading, "NOT MNIST");
    // Some evaluations are told to nobody.
    wait_for(&directory.join("run/metrics.jsonl"));
    std::thread::sleep(std::time::Duration::from_millis(200));
    signal(&run, "-HUP");
    assert_eq!(run.wait().unwrap().code(), Some(130));
    let run = directory.join("run");
    assert_eq!(fs::read_dir(run.join("checkpoints")).unwrap().count(), 1);
    assert!(run.join("summary.json").exists());
}
