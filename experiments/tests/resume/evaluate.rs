//! The subcommand `eval`.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use paramalloc_core::summary::Metric;
use serde_json::Value;

use crate::support::process::wait_for;
use crate::*;

fn eval(directory: &Path, arguments: &[&str]) -> Command {
    mnist(directory, &[&["eval"], arguments].concat())
}

fn lines(run: &Path) -> Vec<Value> {
    let text = fs::read_to_string(run.join("evaluations.jsonl")).unwrap();
    let lines = text.lines();
    lines.map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// Steps that both evaluated have the same results, and there are at least so
/// many.
pub fn assert_agrees_with_the_metrics(run: &Path, at_least: usize) {
    let text = fs::read_to_string(run.join("metrics.jsonl")).unwrap();
    let mut agreed = 0;
    for line in text.lines() {
        let Metric::Evaluation(by_training) = serde_json::from_str(line).unwrap() else {
            continue;
        };
        let step = by_training.global_step;
        for line in lines(run).iter().filter(|l| l["global_step"] == step) {
            let results = serde_json::to_value(&by_training.results).unwrap();
            assert_eq!(line["results"], results, "step {step}");
            agreed += 1;
        }
    }
    assert!(agreed >= at_least, "{agreed}");
}

#[test]
fn once_evaluates_what_is_there_and_goes_on_where_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let mut flags = [&FLAGS[..], &["--logdir=run", "--keep-checkpoints=5"]].concat();
    flags[6] = "--checkpoint-every=5";
    succeed(mnist(directory, &flags));
    let run = directory.join("run");
    assert!(!run.join("checkpoints/best.safetensors").exists());
    fs::remove_file(run.join("checkpoints/step-000000240.safetensors")).unwrap();
    fs::write(run.join("checkpoints/step-000000002.safetensors"), "no").unwrap();
    let arguments = ["run", "--once", "--threads=3"];
    let (out, said) = succeed(eval(directory, &arguments));
    assert_has(
        &said,
        "step-000000002.safetensors: not a whole safetensors file",
    );
    assert_has(&out, "the last: step ");
    assert_has(&out, "there is no validation split");
    let steps = |run: &Path| -> Vec<u64> {
        let steps = lines(run).into_iter();
        steps.map(|l| l["global_step"].as_u64().unwrap()).collect()
    };
    assert_eq!(steps(&run), [160, 180, 200, 220]);
    assert_eq!(lines(&run)[0]["checkpoint"], "step-000000160.safetensors");
    assert_agrees_with_the_metrics(&run, 4);

    // The run is finished, so this ends by itself; nothing is done twice.
    let (again, _) = succeed(eval(directory, &["run"]));
    assert_eq!(steps(&run), [160, 180, 200, 220]);
    assert_eq!(again, out);
}

#[test]
fn the_table_of_another_run_is_not_shown_as_this_one_s() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let flags = [&FLAGS[..], &["--logdir=run"]].concat();
    succeed(mnist(directory, &flags));
    let once = ["run", "--once"];
    let (old, _) = succeed(eval(directory, &once));
    let table = fs::read(directory.join("run/evaluations.jsonl")).unwrap();
    fs::remove_dir_all(directory.join("run")).unwrap();
    succeed(mnist(directory, &[&flags[..], &["--seed=4"]].concat()));
    fs::write(directory.join("run/evaluations.jsonl"), table).unwrap();
    let (new, said) = succeed(eval(directory, &once));
    assert_has(&said, "run/evaluations.jsonl has 3 lines of another run");
    assert_ne!(new, old);
    assert_agrees_with_the_metrics(&directory.join("run"), 1);
}

#[test]
fn a_directory_that_cannot_be_written_is_shown_all_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    succeed(mnist(directory, &[&FLAGS[..], &["--logdir=run"]].concat()));
    let lock = directory.join("run/evaluations.lock");
    fs::create_dir(&lock).unwrap();
    let (shown, said) = succeed(eval(directory, &["run", "--once"]));
    assert_has(&said, "warning: cannot write run/evaluations.lock: ");
    assert_has(&said, "; results are only shown\n");
    assert!(!directory.join("run/evaluations.jsonl").exists());
    fs::remove_dir(&lock).unwrap();
    let (whole, _) = succeed(eval(directory, &["run", "--once"]));
    let line = "results: run/evaluations.jsonl\n";
    assert_has(&whole, line);
    assert_eq!(whole.replace(line, ""), shown);
}

#[test]
fn a_directory_that_is_given_to_another_run_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let flags = [&FLAGS[..], &["--logdir=run"]].concat();
    succeed(mnist(directory, &flags));
    let run = directory.join("run");
    // As one that was killed before its end: it is waited for.
    fs::remove_file(run.join("summary.json")).unwrap();
    let mut eval = eval(directory, &["run", "--idle=60"]);
    let eval = eval.stdout(Stdio::piped()).stderr(Stdio::piped());
    let eval = eval.spawn().unwrap();
    wait_for(&run.join("evaluations.jsonl"));
    fs::remove_dir_all(&run).unwrap();
    succeed(mnist(directory, &[&flags[..], &["--seed=4"]].concat()));
    let output = eval.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_has(
        &refusal(&output),
        "run holds another run by now, with seed = 4, not 0; start",
    );
}

#[test]
fn nothing_to_evaluate_is_a_failure() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    succeed(mnist(directory, &[&FLAGS[..], &["--logdir=run"]].concat()));
    fs::remove_dir_all(directory.join("run/checkpoints")).unwrap();
    let output = eval(directory, &["run", "--once"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_has(
        &refusal(&output),
        "run has no checkpoint that can be used: nothing was evaluated",
    );
}

#[test]
fn what_cannot_be_evaluated_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let output = eval(directory, &["run", "--once"]).output().unwrap();
    assert_has(&refusal(&output), "run holds no run");
    let output = eval(directory, &["run", "--idle=0"]).output().unwrap();
    assert_has(&refusal(&output), "no run in run after 0 s: giving up");
    fs::create_dir(directory.join("run")).unwrap();
    let config = serde_json::json!({
        "format": 1,
        "experiment": "mine",
        "version": "0.2.0",
        "program": "my-program",
        "source": {"name": "program"},
        "data_identity": {"name": "", "real": false, "files": {}},
        "tasks": [],
        "steps": 1,
    });
    fs::write(directory.join("run/config.json"), config.to_string()).unwrap();
    // It is not waited for.
    let output = eval(directory, &["."]).output().unwrap();
    let said = refusal(&output);
    assert_has(&said, ". holds no run; give the directory that a run");
    assert_has(&said, "was saved to, ./run for example");
    let output = eval(directory, &["run"]).output().unwrap();
    assert_has(
        &refusal(&output),
        "run holds a run of `mine`, but this is `mnist`",
    );
}
