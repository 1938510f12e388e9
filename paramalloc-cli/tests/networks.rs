//! `paramalloc eval`, `prune` and `resume` on runs of experiments: they need
//! the directory of the run and nothing of the program that trained it.

use std::fs;
use std::path::Path;

mod support;

use serde_json::Value;
use support::{
    configure, fails, forget_contents, run_of_version_0_1, succeeds, text, tool, trained,
};

/// As a run is that was killed before its last checkpoint.
fn unfinished(run: &str) {
    let run = Path::new(run);
    fs::remove_file(run.join("summary.json")).unwrap();
    fs::remove_file(run.join("checkpoints/step-000000048.safetensors")).unwrap();
}

#[test]
fn a_run_is_evaluated_pruned_and_resumed() {
    let parent = tempfile::tempdir().unwrap();
    let run = trained(parent.path());
    let read = |name: &str| fs::read(Path::new(&run).join(name)).unwrap();

    let output = tool(&["eval", &run, "--once"]);
    let table = text(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(table.contains("the last: step "), "{table}");
    assert!(text(&output.stderr).contains("\nstep 48: mean accuracy train "));

    let out = parent.path().join("alone").display().to_string();
    let report = succeeds(&["prune", &run, "--task=MNIST-Rot", "--out", &out]);
    assert!(
        report.starts_with("MNIST-Rot (--task 2) alone, from "),
        "{report}"
    );
    assert!(report.contains("64 generated inputs are those of the whole network, bit for bit"));

    let names = ["metrics.jsonl", "summary.json", "parameters.safetensors"];
    let before = names.map(read);
    unfinished(&run);
    let output = tool(&["resume", &run, "--quiet", "--threads=2"]);
    assert!(output.status.success(), "{output:?}");
    assert!(names.map(read) == before);
    let finished = succeeds(&["resume", &run]);
    assert!(finished.contains("is finished; there is nothing to resume"));
}

#[test]
fn what_only_another_program_knows_is_said() {
    let parent = tempfile::tempdir().unwrap();
    let run = trained(parent.path());
    unfinished(&run);
    let program =
        |command: &str| format!("which only its own program knows: my-program {command} {run}");
    configure(Path::new(&run), |config: &mut Value| {
        config["program"] = "my-program".into();
        config["source"]["name"] = "mine".into();
    });
    for command in ["eval", "resume"] {
        let message = fails(&[command, &run]);
        assert!(message.contains("takes its tasks from the source `mine`"));
        assert!(message.contains(&program(command)), "{message}");
    }
    configure(Path::new(&run), |config: &mut Value| {
        config["source"]["name"] = "mnist".into();
        config["additions"] = serde_json::json!(["penalty"]);
    });
    let message = fails(&["resume", &run]);
    assert!(message.contains("my-program resume"), "{message}");

    // A layer that the tool does not have.
    let path = Path::new(&run).join("network.json");
    let mut network: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let layer = serde_json::json!({
        "Custom": {"name": "Swish", "rule": "Keep", "parameters": []}
    });
    network["network"]["fields"][1]["spec"] = layer;
    fs::write(&path, network.to_string()).unwrap();
    forget_contents(Path::new(&run));
    for arguments in [
        &["prune", &run, "--task=0", "--out=unused"][..],
        &["eval", &run],
    ] {
        let message = fails(arguments);
        assert!(message.contains("`Swish`"), "{message}");
        assert!(message.contains("my-program"), "{message}");
    }
    // No program can export it.
    let message = fails(&["export", &run, "--out=unused"]);
    let refused = "its layer `Swish` is not built in and has no form in ONNX";
    assert!(message.contains(refused), "{message}");
}

#[test]
fn a_newer_format_and_version_0_1_are_refused_by_name() {
    let parent = tempfile::tempdir().unwrap();
    let run = trained(parent.path());
    let network = Path::new(&run).join("network.json");
    let newer = fs::read_to_string(&network).unwrap();
    let newer = newer.replacen("\"format\": 1", "\"format\": 2", 1);
    fs::write(&network, newer).unwrap();
    forget_contents(Path::new(&run));
    let message = fails(&["prune", &run, "--task=0", "--out=unused"]);
    assert!(
        message.contains("network.json: it has format 2, and this program reads format 1"),
        "{message}"
    );
    configure(Path::new(&run), |config| config["format"] = 7.into());
    let message = fails(&["resume", &run]);
    assert!(
        message.contains("config.json: it has format 7, and this program reads format 1"),
        "{message}"
    );
    let old = run_of_version_0_1().display().to_string();
    for arguments in [
        &["eval", &old, "--once"][..],
        &["resume", &old],
        &["prune", &old, "--task=0", "--out=unused"],
    ] {
        let message = fails(arguments);
        assert!(message.contains("the run is of version 0.1"), "{message}");
    }
}

#[test]
fn the_run_of_a_stranger_s_program_is_pruned_shown_and_plotted() {
    let parent = tempfile::tempdir().unwrap();
    let path = |name: &str| parent.path().join(name).display().to_string();
    let run = path("run");
    let arguments = ["points", "--steps=20", "--quiet", "--logdir", &run];
    stranger::experiment().run_from(arguments).unwrap();
    let report = succeeds(&["prune", &run, "--task=circle", "--out", &path("circle")]);
    assert!(report.contains("dense: components "), "{report}");
    let shown = succeeds(&["show", &run]);
    assert!(shown.contains("points, of paramalloc "), "{shown}");
    let plotted = succeeds(&["plot", &run]);
    assert!(plotted.contains("allocation.png"), "{plotted}");
    assert!(parent.path().join("run/plots/allocation.png").exists());
    let compared = succeeds(&["compare", &run, "--split=train"]);
    assert!(compared.contains("circle"), "{compared}");
    let message = fails(&["eval", &run]);
    assert!(message.contains("the source `points`, which only its own program knows"));
}
