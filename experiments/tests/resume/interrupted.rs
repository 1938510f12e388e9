//! Ctrl-C twice.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::process::{signal, wait_for};
use crate::*;

/// As [`FLAGS`], with evaluations that take longer than it takes to press
/// Ctrl-C.
const SLOW: [&str; 5] = [
    "--data=drawn",
    "--steps=8",
    "--eval-every=3",
    "--checkpoint-every=1",
    "--threads=1",
];

#[test]
fn ctrl_c_twice_ends_at_once_and_leaves_a_run_to_go_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut training = mnist(folder, &[&SLOW[..], &["--logdir=run"]].concat());
    training.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut training = training.spawn().unwrap();
    wait_for(&folder.join("run/checkpoints/step-000000016.safetensors"));
    signal(&training, "-INT");
    let said = BufReader::new(training.stderr.take().unwrap()).lines();
    let mut said = said.map(|line| line.unwrap());
    let heard = said.find(|line| line.starts_with("Interrupted: "));
    assert_has(&heard.unwrap(), "once more to exit at once");
    signal(&training, "-INT");
    let begin = Instant::now();
    let status = training.wait().unwrap();
    assert!(begin.elapsed() < Duration::from_secs(5));
    assert_eq!(status.code(), Some(130));
    // The report, which comes after the evaluation, was not waited for.
    let mut report = String::new();
    let out = training.stdout.take().unwrap();
    BufReader::new(out).read_to_string(&mut report).unwrap();
    assert_eq!(report, "");
    assert_eq!(said.next(), None);

    assert_eq!(resume(folder, "run"), "");
    let whole = [&SLOW[..], &["--logdir=whole", "--quiet"]].concat();
    succeed(mnist(folder, &whole));
    assert_same_results(folder, "whole", "run");
}
