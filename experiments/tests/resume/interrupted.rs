//! Ctrl-C twice.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::support::process::{signal, wait_for};
use crate::*;

/// As [`FLAGS`], with evaluations that take longer than it takes to press
/// Ctrl-C.
const SLOW: [&str; 5] = [
    "--data=generated",
    "--steps=8",
    "--eval-every=3",
    "--checkpoint-every=1",
    "--threads=1",
];

/// Runs in `logdir` and presses Ctrl-C twice; true if the second came before the
/// evaluation was done, which is what a busy machine may be too slow for.
fn interrupt_twice(directory: &Path, logdir: &str) -> bool {
    let mut training = mnist(directory, &[&SLOW[..], &["--logdir", logdir]].concat());
    training.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut training = training.spawn().unwrap();
    wait_for(
        &directory
            .join(logdir)
            .join("checkpoints/step-000000016.safetensors"),
    );
    signal(&training, "-INT");
    let said = BufReader::new(training.stderr.take().unwrap()).lines();
    let mut said = said.map(|line| line.unwrap());
    let heard = said.find(|line| line.starts_with("Interrupted: "));
    assert_has(&heard.unwrap(), "once more to exit at once");
    signal(&training, "-INT");
    assert_eq!(ends_soon(&mut training), Some(130));
    // The report comes after the evaluation.
    let mut report = String::new();
    let out = training.stdout.take().unwrap();
    BufReader::new(out).read_to_string(&mut report).unwrap();
    report.is_empty() && said.next().is_none()
}

#[test]
fn ctrl_c_twice_ends_at_once_and_leaves_a_run_to_go_on_with() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let runs = ["run-1", "run-2", "run-3", "run-4"];
    let run = runs.iter().find(|run| interrupt_twice(directory, run));
    let run = run.expect("the second Ctrl-C ends it before its evaluation");

    assert_eq!(resume(directory, run), "");
    let whole = [&SLOW[..], &["--logdir=whole", "--quiet"]].concat();
    succeed(mnist(directory, &whole));
    assert_same_results(directory, "whole", run);
}

/// The exit status of a program that is to end within ten seconds.
fn ends_soon(child: &mut Child) -> Option<i32> {
    let limit = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if Instant::now() > limit {
            child.kill().unwrap();
            panic!("it still runs");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn ctrl_c_ends_a_program_that_loads_its_data_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    // All of its generated images take seconds, after the first line on them.
    let arguments = ["--data=generated", "--logdir=run"];
    let mut training = command(env!("CARGO_BIN_EXE_clusters"), directory, &arguments);
    let mut training = training.stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    let mut reader = BufReader::new(training.stderr.take().unwrap());
    reader.read_line(&mut said).unwrap();
    assert!(said.starts_with("NOT CIFAR-100"), "{said}");
    signal(&training, "-INT");
    assert_eq!(ends_soon(&mut training), Some(130));
    assert!(!directory.join("run").exists());
}

#[test]
fn ctrl_c_ends_an_evaluation_that_waits_for_its_run() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = ["eval", "run", "--idle=60"];
    let mut eval = mnist(directory.path(), &arguments);
    let mut eval = eval.stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    let mut reader = BufReader::new(eval.stderr.take().unwrap());
    reader.read_line(&mut said).unwrap();
    assert_eq!(
        said,
        "waiting for a run in run, for 1 min 00 s at most (--idle)\n"
    );
    signal(&eval, "-INT");
    assert_eq!(ends_soon(&mut eval), Some(130));
}

/// All test images take seconds to draw again and again for the intervals: the
/// request to terminate ends that, too.
#[test]
fn a_request_to_terminate_ends_an_evaluation_at_its_intervals() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let flags = ["--data=generated", "--steps=2", "--eval-every=0", "--quiet"];
    succeed(mnist(directory, &[&flags[..], &["--logdir=run"]].concat()));
    let mut eval = mnist(directory, &["eval", "run", "--once"]);
    eval.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut eval = eval.spawn().unwrap();
    // The table of means comes before the intervals.
    let mut out = BufReader::new(eval.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("results: ") {
        line.clear();
        assert!(out.read_line(&mut line).unwrap() > 0, "no table");
    }
    signal(&eval, "-TERM");
    assert_eq!(ends_soon(&mut eval), Some(130));
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert!(!rest.contains("95 % interval"), "{rest}");
}

#[test]
fn a_run_that_is_stopped_again_and_again_evaluates_no_step_twice() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let mut flags = FLAGS;
    flags[3] = "--steps=12";
    flags[4] = "--eval-every=1";
    succeed(mnist(
        directory,
        &[&flags[..], &["--logdir=whole"]].concat(),
    ));
    for stops in 0.. {
        let mut run = start_or_resume(directory, "run", &flags);
        let mut run = run.stdout(Stdio::null()).spawn().unwrap();
        wait_for(&directory.join("run/metrics.jsonl"));
        std::thread::sleep(Duration::from_millis(40 * stops));
        signal(&run, "-INT");
        if run.wait().unwrap().success() {
            break;
        }
        let metrics = fs::read_to_string(directory.join("run/metrics.jsonl")).unwrap();
        let evaluations = metrics.lines().filter(|l| l.contains("\"evaluation\""));
        let mut lines: Vec<&str> = evaluations.collect();
        let all = lines.len();
        lines.dedup();
        assert_eq!(lines.len(), all, "no step is evaluated twice");
        assert!(stops < 100, "it comes to its end");
    }
    assert_same_results(directory, "whole", "run");
}
