//! `paramalloc export`, as a user types it.

mod support;

use std::fs;

use support::{fails, succeeds, text, tool};

#[test]
fn all_tasks_or_one_are_written() {
    let parent = tempfile::tempdir().unwrap();
    let path = |name: &str| parent.path().join(name).display().to_string();
    let run = path("run");
    let arguments = ["points", "--steps=20", "--quiet", "--logdir", &run];
    stranger::experiment().run_from(arguments).unwrap();
    let (all, one) = (path("all.onnx"), path("one.onnx"));
    let shown = succeeds(&["export", &run, "--out", &all]);
    assert!(shown.contains("input: float32 [batch, 2]\n"), "{shown}");
    assert!(shown.contains("circle.probabilities: float32 [batch, 2]\n"));
    let tasks = shown.matches(".logits").count();
    assert!(tasks > 1, "{shown}");
    let shown = succeeds(&["export", &run, "--task=circle", "--out", &one]);
    assert_eq!(shown.matches(".logits").count(), 1, "{shown}");
    let bytes = |path: &str| fs::read(path).unwrap();
    assert!(bytes(&one).len() < bytes(&all).len());
    // Messages begin with the version of the format, field 1.
    assert_eq!(bytes(&all)[..2], [0x08, 8]);

    let message = fails(&["export", &run, "--out", &all]);
    assert!(message.contains("is there already; give another --out"));
    let output = tool(&["export", &run, "--task=none", "--out=unused"]);
    assert_eq!(output.status.code(), Some(2));
    let message = text(&output.stderr);
    assert!(message.contains("there is no task `none`; the tasks are"));
    let message = fails(&["export", &path("nothing"), "--out=unused"]);
    assert!(message.contains("holds no run"), "{message}");
}

#[test]
fn a_run_on_a_table_takes_the_table() {
    let parent = tempfile::tempdir().unwrap();
    let path = |name: &str| parent.path().join(name).display().to_string();
    let rows = (0..60).map(|row| {
        let color = ["red", "blue", "green"][row % 3];
        format!("{},{color},{}\n", row * 1000, row + row % 3)
    });
    let table = "income,color,height\n".to_owned() + &rows.collect::<String>();
    fs::write(path("t.csv"), table).unwrap();
    let (run, out) = (path("run"), path("n.onnx"));
    let (table, logdir) = (path("t.csv"), format!("--logdir={run}"));
    tool(&[
        "train",
        "--table",
        &table,
        "--targets=height",
        "--epochs=2",
        "--quiet",
        &logdir,
    ]);
    let shown = succeeds(&["export", &run, "--out", &out]);
    assert!(shown.contains("checkpoints/best.safetensors\n"), "{shown}");
    assert!(shown.contains("input: float64 [batch, 4]\nheight.values: float64 [batch, 1]\n"));
    let file = fs::read(&out).unwrap();
    let names = br#"["income","color=blue","color=green","color=red"]"#;
    assert!(file.windows(names.len()).any(|part| part == names));
}
