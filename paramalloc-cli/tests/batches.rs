//! What a batch serves: `--batches joint` and `--batches alternating`.

use std::fs;
use std::path::Path;

use serde_json::Value;

mod support;

use support::{fails_in, succeeds_in};

/// Two targets of 300 rows: a label, and a value that is missing in every third.
fn table() -> String {
    let row = |i: usize| {
        let (a, b) = (i * 37 % 101, i * 53 % 89);
        let value = match i % 3 {
            0 => String::new(),
            _ => (a + 2 * b).to_string(),
        };
        format!("{a},{b},{},{value}\n", u8::from(a + b > 95))
    };
    "a,b,large,sum\n".to_owned() + &(0..300).map(row).collect::<String>()
}

const TRAIN: &str = "train --table t.csv --targets large,sum --hidden 16 --components 2 \
                     --learning-rate 0.01 --batch-size 8 --epochs 20 --quiet";

/// The file of a run.
fn file(directory: &Path, run: &str, name: &str) -> Vec<u8> {
    fs::read(directory.join(run).join(name)).unwrap()
}

fn json(directory: &Path, run: &str, name: &str) -> Value {
    serde_json::from_slice(&file(directory, run, name)).unwrap()
}

#[test]
fn tasks_share_batches_or_take_turns() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    fs::write(directory.join("t.csv"), table()).unwrap();
    for batches in ["joint", "alternating"] {
        let typed = format!("{TRAIN} --batches {batches} --logdir {batches}");
        succeeds_in(directory, &typed);
        assert_eq!(json(directory, batches, "config.json")["batches"], batches);
        let summary = json(directory, batches, "summary.json");
        let result = |task: usize| summary["tasks"][task]["results"]["test"].as_f64().unwrap();
        assert!(result(0) > 0.95 && result(1) > 0.9, "{summary}");
    }
    // An epoch goes through the 240 rows for training, also where a task lacks some.
    let steps = |run: &str| json(directory, run, "summary.json")["total_task_steps"].as_u64();
    assert_eq!(steps("joint"), Some(20 * 240 / 8 * 2));

    // Neither the number of threads nor a run's second start changes anything.
    let threads = format!("{TRAIN} --batches joint --threads 3 --logdir threads");
    succeeds_in(directory, &threads);
    let metrics = file(directory, "joint", "metrics.jsonl");
    assert!(file(directory, "threads", "metrics.jsonl") == metrics);
    let weights = file(directory, "joint", "parameters.safetensors");
    assert!(file(directory, "threads", "parameters.safetensors") == weights);
    assert!(file(directory, "alternating", "parameters.safetensors") != weights);
    succeeds_in(directory, "resume joint --quiet");
    fails_in(
        directory,
        "resume joint --batches alternating",
        1,
        &["batches = \"joint\", not \"alternating\""],
    );

    // What was written before there was a choice took turns.
    let path = directory.join("alternating/config.json");
    let mut config = json(directory, "alternating", "config.json");
    config.as_object_mut().unwrap().remove("batches");
    fs::write(&path, config.to_string()).unwrap();
    succeeds_in(
        directory,
        "resume alternating --batches alternating --quiet",
    );
    succeeds_in(
        directory,
        "train --config alternating/config.json --quiet --logdir again",
    );
    assert!(
        file(directory, "again", "parameters.safetensors")
            == file(directory, "alternating", "parameters.safetensors")
    );
}

#[test]
fn what_joint_batches_cannot_serve_is_refused_in_one_sentence() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    fs::write(directory.join("t.csv"), table()).unwrap();
    let joint = format!("{TRAIN} --batches joint --logdir refused");
    fails_in(
        directory,
        &format!("{joint} --balanced-batches"),
        2,
        &["joint batches have the same for all; add --batches alternating"],
    );
    fs::write(directory.join("frozen.toml"), "frozen_tasks = 1\n").unwrap();
    fails_in(
        directory,
        &format!("{joint} --config frozen.toml"),
        2,
        &["frozen_tasks says that some are not trained"],
    );
    assert!(!directory.join("refused").exists());

    succeeds_in(
        directory,
        "train --table t.csv --targets large --ignore sum --hidden 8 --steps 2 --logdir run --quiet",
    );
    fails_in(
        directory,
        "add-task run --table t.csv --targets sum --batches joint",
        2,
        &[
            "needs tasks that share their inputs",
            "use --batches alternating",
        ],
    );
}
