//! `--init`: a trained run as the start of another.

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{fails, text, tool};

/// 120 rows of two numbers, of which `sick` and `tall` are functions.
fn write_table(path: &str) {
    let rows = (0..120).map(|row| {
        let (a, b) = (row * 37 % 101, row * 53 % 89);
        format!("{a},{b},{},{}\n", u8::from(a + b > 90), u8::from(b > 40))
    });
    fs::write(
        path,
        "a,b,sick,tall\n".to_owned() + &rows.collect::<String>(),
    )
    .unwrap();
}

/// Trains; gives what was said.
#[track_caller]
fn train(table: &str, run: &str, flags: &[&str]) -> String {
    let (table, logdir) = (format!("--table={table}"), format!("--logdir={run}"));
    let mut arguments = vec!["train", &table, &logdir, "--components=3"];
    arguments.extend(flags);
    let output = tool(&arguments);
    let said = text(&output.stderr);
    assert!(output.status.success(), "{said}");
    said
}

/// One step of next to nothing: what is there afterwards is what it started with.
const STILL: [&str; 4] = [
    "--steps=1",
    "--learning-rate=1e-12",
    "--router-learning-rate=1e-12",
    "--seed=5",
];

/// The results of a run on its test rows.
fn results(run: &str) -> Vec<f64> {
    let summary = fs::read(Path::new(run).join("summary.json")).unwrap();
    let summary: Value = serde_json::from_slice(&summary).unwrap();
    let tasks = summary["tasks"].as_array().unwrap().iter();
    let results = tasks.map(|task| task["results"]["test"].as_f64().unwrap());
    results.collect()
}

#[test]
fn a_run_starts_with_what_fits_of_another() {
    let parent = tempfile::tempdir().unwrap();
    let path = |name: &str| parent.path().join(name).display().to_string();
    let table = path("t.csv");
    write_table(&table);
    let trained = path("trained");
    let long = [
        "--hidden=8",
        "--targets=sick,tall",
        "--epochs=20",
        "--batch-size=8",
    ];
    train(&table, &trained, &long);

    let init = format!("--init={trained}");
    let again = path("again");
    let flags = [&["--hidden=8", "--targets=sick,tall", &init], &STILL[..]].concat();
    let said = train(&table, &again, &flags);
    assert!(said.contains("starts with 11 of 11 tensors ("), "{said}");
    assert!(said.contains("trained/best.safetensors"), "{said}");
    assert_eq!(results(&trained), results(&again));

    let flags = ["--hidden=9", "--targets=sick,tall", &init, "--epochs=1"];
    let said = train(&table, &path("other"), &flags);
    let part = "not taken, of another shape there: dense1.0.0.weight (9x2 here, 8x2 there)";
    assert!(said.contains(part), "{said}");
}

#[test]
fn a_task_more_leaves_the_first_as_it_was() {
    let parent = tempfile::tempdir().unwrap();
    let path = |name: &str| parent.path().join(name).display().to_string();
    let table = path("t.csv");
    write_table(&table);
    let one = path("one");
    let flags = [
        "--hidden=8",
        "--targets=tall",
        "--ignore=sick",
        "--epochs=20",
        "--batch-size=8",
    ];
    train(&table, &one, &flags);
    let init = format!("--init={one}");
    let two = path("two");
    let flags = [&["--hidden=8", "--targets=tall,sick", &init], &STILL[..]].concat();
    let said = train(&table, &two, &flags);
    for part in [
        "taken for the first tasks: dense1.router.logits (1 of 2)",
        "not there: head.1.weight, head.1.bias",
    ] {
        assert!(said.contains(part), "no `{part}` in {said}");
    }
    assert_eq!(results(&one)[0], results(&two)[0]);
}

#[test]
fn a_directory_without_parameters_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let path = |name: &str| parent.path().join(name).display().to_string();
    write_table(&path("t.csv"));
    let table = format!("--table={}", path("t.csv"));
    let logdir = format!("--logdir={}", path("run"));
    let arguments = ["train", &table, "--targets=sick,tall", "--quiet", &logdir];
    let init = format!("--init={}", parent.path().display());
    let message = fails(&[&arguments[..], &[&init]].concat());
    assert!(message.contains("holds no trained parameters"), "{message}");
    assert!(!Path::new(&path("run")).exists());
}
