//! Tasks that are added to a trained run.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use paramalloc::Model;
use paramalloc::data::table::TableRows;
use paramalloc_core::network::Network;
use paramalloc_core::prune::{PrunedNetwork, prune};
use serde_json::Value;
use support::{text, tool};

/// 240 rows of two numbers and a color, of which three targets are functions.
fn table(rename: impl Fn(&str) -> String) -> String {
    let rows = (0..240).map(|row| {
        let (a, b) = (row * 37 % 101, row * 53 % 89);
        let color = ["red", "blue", "green"][row % 3];
        let sick = u8::from(a + 20 * (row % 3) > 70);
        let weight = 3.5 * a as f64 + b as f64;
        format!(
            "p{row},{a},{b},{color},{sick},{weight},{}\n",
            u8::from(b > 40)
        )
    });
    let names = ["id", "a", "b", "color", "sick", "weight", "tall"].map(rename);
    names.join(",") + "\n" + &rows.collect::<String>()
}

/// Runs the tool; gives what it said.
#[track_caller]
fn run(directory: &Path, arguments: &str) -> String {
    let output = in_directory(directory, arguments);
    let said = text(&output.stderr);
    assert!(output.status.success(), "{arguments}: {said}");
    said + &text(&output.stdout)
}

fn in_directory(directory: &Path, arguments: &str) -> std::process::Output {
    let directory = directory.display().to_string();
    let arguments: Vec<String> = arguments
        .split_whitespace()
        .map(|argument| argument.replace('@', &format!("{directory}/")))
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    tool(&arguments)
}

#[track_caller]
fn refused(directory: &Path, arguments: &str, part: &str) {
    let output = in_directory(directory, arguments);
    let said = text(&output.stderr);
    assert!(!output.status.success(), "{arguments}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    assert!(said.contains(part), "no `{part}` in: {said}");
}

const TRAIN: &str = "train --table @t.csv --targets sick,weight --ignore id,tall --hidden 16 \
                     --components 3 --learning-rate 0.01 --batch-size 16 --epochs 8 --quiet";
const ADD: &str = "add-task @run --table @t.csv --targets tall --quiet";

/// Parameters of a run by path, as bits.
fn parameters(run: &Path) -> BTreeMap<String, Vec<u32>> {
    let model = Model::load(run).unwrap();
    let all = model.trainer().parameters().into_iter();
    all.map(|tensor| {
        let bits = tensor.values.iter().map(|value| value.to_bits());
        (tensor.path, bits.collect())
    })
    .collect()
}

/// Logits of a task for all rows of the table, as bits.
fn logits(run: &Path, task: usize) -> Vec<u32> {
    let model = Model::load(run).unwrap();
    let record = model.table().unwrap();
    let file = run.with_file_name("t.csv");
    let rows = TableRows::open(&file, record).unwrap().next(1000).unwrap();
    let network: Value =
        serde_json::from_slice(&fs::read(run.join("network.json")).unwrap()).unwrap();
    let network: Network = serde_json::from_value(network["network"].clone()).unwrap();
    let (_, bytes) = prune(model.trainer(), task, "task").unwrap();
    let mut alone = PrunedNetwork::load(&network, &bytes).unwrap();
    let logits = alone.logits(&rows.inputs).unwrap();
    assert_eq!(rows.rows, 240);
    logits.iter().map(|logit| logit.to_bits()).collect()
}

fn summary(run: &Path) -> Value {
    serde_json::from_slice(&fs::read(run.join("summary.json")).unwrap()).unwrap()
}

#[test]
fn a_new_task_on_a_frozen_network_leaves_the_old_ones_bit_for_bit() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    let path = |name: &str| directory.join(name);
    fs::write(path("t.csv"), table(str::to_owned)).unwrap();
    run(directory, &format!("{TRAIN} --logdir @run"));
    let frozen = format!("{ADD} --freeze all --epochs 6 --logdir");
    let said = run(directory, &format!("{frozen} @more"));
    assert!(said.contains("tall"), "{said}");

    let (old, new) = (parameters(&path("run")), parameters(&path("more")));
    for (path, old) in &old {
        // Of routers the first rows are those of the old tasks.
        assert_eq!(new[path][..old.len()], old[..], "{path}");
        assert_eq!(
            new[path].len() > old.len(),
            path.ends_with(".router.logits")
        );
    }
    assert!(new.contains_key("head.2.weight"));
    for task in 0..2 {
        assert_eq!(logits(&path("run"), task), logits(&path("more"), task));
    }
    let (old, new) = (summary(&path("run")), summary(&path("more")));
    for task in 0..2 {
        let results = |summary: &Value| summary["tasks"][task]["results"]["test"].clone();
        assert_eq!(results(&old), results(&new));
    }
    let of_new = new["tasks"][2]["results"]["test"].as_f64().unwrap();
    assert!(of_new < 0.6, "it learned nothing: {new}");

    // It is a run like others.
    run(directory, "show @more");
    run(directory, "plot @more --out @plots");
    run(directory, "eval @more --once");
    run(directory, "export @more --out @more.onnx");
    run(directory, "prune @more --task tall --out @tall.safetensors");
    let predicted = run(directory, "predict @more @t.csv");
    assert!(predicted.contains("id,sick,weight,tall\n"), "{predicted}");

    // A shorter run that resumes ends with the same bits.
    let stopped = format!("{frozen} @stopped --checkpoint-every 10 --keep-checkpoints 1000");
    run(directory, &stopped);
    for name in ["summary.json", "parameters.safetensors", "best.safetensors"] {
        fs::remove_file(path("stopped").join(name)).unwrap();
    }
    let mut checkpoints: Vec<_> = fs::read_dir(path("stopped/checkpoints"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.display().to_string().contains("step-"))
        .collect();
    checkpoints.sort();
    checkpoints[2..]
        .iter()
        .for_each(|path| fs::remove_file(path).unwrap());
    run(directory, "resume @stopped --quiet");
    for name in ["metrics.jsonl", "parameters.safetensors", "summary.json"] {
        let read = |run: &str| fs::read(path(run).join(name)).unwrap();
        assert_eq!(read("stopped"), read("more"), "{name}");
    }
}

#[test]
fn without_freezing_all_tasks_are_trained_and_a_task_can_be_added_again() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    let path = |name: &str| directory.join(name);
    fs::write(path("t.csv"), table(str::to_owned)).unwrap();
    run(directory, &format!("{TRAIN} --logdir @run"));
    run(directory, &format!("{ADD} --epochs 2 --logdir @more"));
    let (old, new) = (parameters(&path("run")), parameters(&path("more")));
    for path in ["dense1.0.0.weight", "head.0.weight", "dense1.router.logits"] {
        assert_ne!(new[path][..old[path].len()], old[path][..], "{path}");
    }
    // The same columns under other names are other tasks.
    let other = table(|name| match name {
        "id" | "a" | "b" | "color" => name.to_owned(),
        _ => format!("{name}2"),
    });
    fs::write(path("other.csv"), other).unwrap();
    let again = "add-task @more --table @other.csv --targets sick2,weight2 --freeze all --epochs 1 \
                 --split stratified --quiet --logdir @again";
    run(directory, again);
    let (more, again) = (parameters(&path("more")), parameters(&path("again")));
    assert_eq!(more["head.2.weight"], again["head.2.weight"]);
    assert!(again.contains_key("head.4.bias"));
    let shown = summary(&path("again"));
    assert_eq!(shown["experiment"], "table-added");
    assert_eq!(shown["tasks"].as_array().unwrap().len(), 5);
}

/// A setting of a file is as good as a flag: the metric, and where the data are.
#[test]
fn a_file_of_settings_chooses_the_metric() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    fs::write(directory.join("t.csv"), table(str::to_owned)).unwrap();
    let train = TRAIN.replace("sick,weight", "sick");
    let train = train.replace("id,tall", "id,tall,weight");
    run(directory, &format!("{train} --logdir @run"));
    let more = "--epochs 1 --logdir";
    run(directory, &format!("{ADD} {more} @more"));
    fs::write(directory.join("f1.toml"), "metric = \"f1\"\n").unwrap();
    run(directory, &format!("{ADD} --config @f1.toml {more} @f1"));
    let metric = |run: &str| summary(&directory.join(run))["metric"].clone();
    // That of the run, which takes the new labels too; then that of the file.
    assert_eq!(
        (metric("more"), metric("f1")),
        ("roc_auc".into(), "f1".into())
    );
}

/// Another method would be refused, too.
#[test]
fn without_a_component_for_the_new_task_all_are_to_be_trained_anew() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    fs::write(directory.join("t.csv"), table(str::to_owned)).unwrap();
    let method = "--method no_sharing --steps 1";
    run(
        directory,
        &format!("{TRAIN} {method} --logdir @run").replace("--epochs 8", ""),
    );
    refused(
        directory,
        ADD,
        "dense1 has 2 components, but there are 3 tasks with the new ones; train all of them anew",
    );
}

#[test]
fn what_cannot_be_added_is_said_in_one_sentence() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    let path = |name: &str| directory.join(name);
    fs::write(path("t.csv"), table(str::to_owned)).unwrap();
    run(directory, &format!("{TRAIN} --logdir @run"));
    let lacking = table(|name| name.replace("color", "shade"));
    fs::write(path("lacking.csv"), lacking).unwrap();
    let cases = [
        ("", "name the new tasks: --table FILE"),
        ("--table @t.csv", "does not say which columns to predict"),
        ("--table @t.csv --targets sick", "has a task `sick` already"),
        (
            "--table @t.csv --targets a",
            "the run learns from this column",
        ),
        (
            "--table @lacking.csv --targets tall",
            "no column `color`, which the run was trained on",
        ),
        (
            "--table @t.csv --targets tall --init @run",
            "leave out --init",
        ),
        (
            "--table @t.csv --targets tall --method shared_bottom",
            "is routed by gumbel_matrix",
        ),
        ("--data-dir @run", "give the new tasks as a table"),
        (
            "--table @t.csv --targets tall --split-seed 1",
            "were split with validation_share = 0.1 and split_seed = 0",
        ),
        (
            "--table @t.csv --targets tall --config @share.toml",
            "leave out both settings",
        ),
    ];
    fs::write(path("share.toml"), "validation_share = 0.3\n").unwrap();
    for (arguments, part) in cases {
        refused(
            directory,
            &format!("add-task @run {arguments} --quiet"),
            part,
        );
    }
    // What changes nothing may be said.
    let same = "--table @t.csv --targets tall --validation-share 0.1 --steps 1 --logdir @same";
    run(directory, &format!("add-task @run {same} --quiet"));
    // The old tasks' data are needed.
    fs::write(path("t.csv"), table(str::to_owned) + "p,1,2,red,1,3,1\n").unwrap();
    refused(directory, ADD, "not those that it was trained on");
}
