//! Real processes, killed at random moments.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use paramalloc_core::train::{NamedTensor, checkpoint, from_safetensors};
use serde_json::Value;

use crate::support::process::{signal, wait_for};
use crate::*;

/// Draws that are the same every time.
struct Draws(u64);

impl Draws {
    /// From 0 to 1.
    fn next(&mut self) -> f64 {
        self.0 = (self.0.wrapping_mul(6_364_136_223_846_793_005)).wrapping_add(1);
        (self.0 >> 33) as f64 / (1u64 << 31) as f64
    }
}

fn start(mut command: Command) -> Child {
    command.stdout(Stdio::null()).spawn().unwrap()
}

/// Runs and stops it after `share` of `whole`; true if that came before its
/// end.
fn stop(command: Command, how: &str, whole: Duration, share: f64) -> bool {
    let mut child = start(command);
    sleep(whole.mul_f64(share));
    signal(&child, how);
    !child.wait().unwrap().success()
}

/// The tensors of the last checkpoint to the last bit, and what it keeps but for
/// the settings that change no result.
fn last_checkpoint(run: &Path) -> (Vec<(String, Vec<u32>)>, Value) {
    let path = run.join("checkpoints/step-000000240.safetensors");
    let bytes = fs::read(path).unwrap();
    let (tensors, _) = from_safetensors(&bytes).unwrap();
    let bits = |t: NamedTensor| (t.path, t.values.iter().map(|v| v.to_bits()).collect());
    let mut tensors: Vec<_> = tensors.into_iter().map(bits).collect();
    tensors.sort();
    let (_, mut kept) = checkpoint::read_extra::<Value>(&bytes).unwrap();
    kept["config"]["threads"] = Value::Null;
    (tensors, kept)
}

#[test]
fn a_run_killed_at_any_moment_ends_as_one_that_never_was() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let begin = Instant::now();
    whole_run(directory);
    let mut whole = begin.elapsed();
    let mut draws = Draws(2026);
    let mut stopped = BTreeMap::from([("-KILL", 0), ("-INT", 0)]);
    let last = last_checkpoint(&directory.join("whole"));
    // Twenty kills that came before the end, and not for ever.
    for moment in 0..72 {
        if stopped["-KILL"] >= 20 && moment >= 24 {
            break;
        }
        // Ctrl-C leaves more files, which must be taken back too.
        let how = if moment % 6 == 5 { "-INT" } else { "-KILL" };
        let name = format!("killed-{moment}");
        let threads = format!("--threads={}", 1 + moment % 3);
        let flags = [&FLAGS[..], &[&threads]].concat();
        // The first stop may come before there is a run to resume.
        let again = || start_or_resume(directory, &name, &flags);
        let was = stop(again(), how, whole, draws.next());
        *stopped.entry(how).or_insert(0) += u32::from(was);
        if !was {
            // The machine has become faster than it was at first.
            whole = whole.mul_f64(0.8);
        }
        if moment % 4 == 0 {
            stop(again(), how, whole, draws.next());
        }
        succeed(again());
        assert_same_results(directory, "whole", &name);
        assert!(last_checkpoint(&directory.join(&name)) == last, "{name}");
        let left = fs::read_dir(directory.join(&name).join("checkpoints")).unwrap();
        assert_eq!(left.count(), 3, "the newest are kept and nothing else");
        fs::remove_dir_all(directory.join(&name)).unwrap();
    }
    assert!(stopped["-KILL"] >= 20, "{stopped:?}");
}

#[test]
fn a_process_killed_while_writing_leaves_nothing_that_counts() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    whole_run(directory);
    let run = directory.join("torn");
    copy_unfinished(&directory.join("whole"), &run);
    let newest = run.join("checkpoints/step-000000240.safetensors");
    let left_over = newest.with_file_name(".step-000000240.safetensors.x.paramalloc-part");
    fs::rename(&newest, &left_over).unwrap();
    let of_summary = run.join(".summary.json.x.paramalloc-part");
    fs::write(&of_summary, "{").unwrap();
    let mine = run.join("summary.json.tmp");
    fs::write(&mine, "a user's own file").unwrap();
    let mut metrics = fs::read(run.join("metrics.jsonl")).unwrap();
    metrics.extend_from_slice(b"{\"kind\":\"train\",\"glo");
    fs::write(run.join("metrics.jsonl"), metrics).unwrap();
    assert_eq!(resume(directory, "torn"), "");
    assert_same_results(directory, "whole", "torn");
    assert!(!left_over.exists() && !of_summary.exists() && mine.exists());
    fs::remove_file(mine).unwrap();

    // Killed before its first checkpoint.
    fs::create_dir(directory.join("early")).unwrap();
    fs::copy(run.join("config.json"), directory.join("early/config.json")).unwrap();
    fs::write(directory.join("early/metrics.jsonl"), "{\"ki").unwrap();
    assert_eq!(resume(directory, "early"), "");
    assert_same_results(directory, "whole", "early");
}

#[test]
fn two_processes_never_share_a_run() {
    let directory = tempfile::tempdir().unwrap();
    let mut flags = FLAGS.to_vec();
    flags[3] = "--steps=100000000";
    flags.push("--logdir=run");
    let mut first = start(mnist(directory.path(), &flags));
    wait_for(&directory.path().join("run/metrics.jsonl"));
    let resumed = ["resume", "run"];
    let second = mnist(directory.path(), &resumed).output().unwrap();
    let other = mnist(directory.path(), &flags).output().unwrap();
    first.kill().unwrap();
    first.wait().unwrap();
    assert_has(&refusal(&second), "another process is training in run");
    assert_has(&refusal(&other), "run already holds a run");
    // The lock died with its holder.
    let steps = ["resume", "run", "--steps=60"];
    let third = mnist(directory.path(), &steps).output().unwrap();
    assert_has(&refusal(&third), "steps = 100000000, not 60");
    let mut third = start(mnist(
        directory.path(),
        &[&resumed[..], &["--quiet"]].concat(),
    ));
    sleep(Duration::from_millis(300));
    assert!(third.try_wait().unwrap().is_none(), "it still runs");
    third.kill().unwrap();
    third.wait().unwrap();
}

#[test]
fn an_evaluation_beside_a_run_that_is_killed_sees_its_end() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let arguments = ["eval", "run", "--idle=60"];
    let mut eval = mnist(directory, &arguments);
    eval.stdout(Stdio::piped()).stderr(Stdio::piped());
    let eval = eval.spawn().unwrap();
    let mut flags = [&FLAGS[..], &["--logdir=run"]].concat();
    flags[6] = "--checkpoint-every=1";
    let mut training = start(mnist(directory, &flags));
    // Its checkpoints come and go within a few steps.
    wait_for(&directory.join("run/checkpoints"));
    sleep(Duration::from_millis(100));
    training.kill().unwrap();
    training.wait().unwrap();
    assert_eq!(resume(directory, "run"), "");
    let output = eval.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_has(&text(&output.stderr), "step 240: mean accuracy train ");
    assert!(!text(&output.stderr).contains("warning"));
    assert_has(&text(&output.stdout), "the last: step ");
    evaluate::assert_agrees_with_the_metrics(&directory.join("run"), 1);
}
