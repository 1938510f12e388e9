//! Which parameters a run reports: the best by the validation split, unless the user or
//! the experiment wants the last.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use paramalloc::data::{Dataset, sources};
use paramalloc::{Experiment, Model, Settings};
use paramalloc_core::data::{Examples, FloatInputs, Task};
use paramalloc_core::prelude::*;
use paramalloc_core::summary::{DataIdentity, Summary};
use serde_json::Value;

use crate::{run, train};

#[multitask(input = 3)]
struct Small {
    #[routed(2)]
    dense: (Linear<3, 8>, ReLU),
    #[head(outputs = 1, loss = Loss::MeanSquaredError)]
    head: Linear<8, 1>,
}

fn task(is_validated: bool) -> Task {
    let inputs: Vec<f32> = (0..40 * 3)
        .map(|i| (i * 7 % 11) as f32 / 11.0 - 0.5)
        .collect();
    let values: Vec<f32> = inputs.chunks(3).map(|x| x[0] - x[2]).collect();
    let inputs = Arc::new(FloatInputs::new(3, inputs).unwrap());
    let all = Examples::new(inputs, values).unwrap();
    let task = Task::new("difference", 1, all.clone());
    match is_validated {
        true => task.evaluated_on("validation", all.clone()),
        false => task,
    }
    .evaluated_on("test", all)
}

/// Learns so fast that it gets worse again.
fn experiment(is_validated: bool) -> Experiment {
    let source = sources::program("made", move |_, _| {
        let tasks = vec![task(is_validated)];
        Ok(Dataset::new(tasks, DataIdentity::default()))
    });
    let defaults = Settings::default()
        .steps(12)
        .batch_size(8)
        .learning_rate(0.3);
    let defaults = defaults.eval_every(1).log_every(4).checkpoint_every(4);
    let defaults = defaults.keep_checkpoints(100);
    Experiment::new("best", Small::NETWORK, source).defaults(defaults)
}

fn bytes(run: &Path, name: &str) -> Vec<u8> {
    fs::read(run.join(name)).unwrap()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// Step and value of the best evaluation on the validation split, by `metrics.jsonl`.
fn best(run: &Path) -> (u64, f64) {
    let lines = fs::read_to_string(run.join("metrics.jsonl")).unwrap();
    let lines = lines.lines().map(|line| json(line.as_bytes()));
    let values = lines.filter_map(|line| {
        let value = line.pointer("/results/validation/0")?.as_f64()?;
        Some((line["global_step"].as_u64()?, value))
    });
    let lower = |a: (u64, f64), b: (u64, f64)| if b.1 < a.1 { b } else { a };
    values.reduce(lower).unwrap()
}

fn file_of(run: &Path) -> PathBuf {
    Model::load(run).unwrap().file().to_owned()
}

#[test]
fn a_validated_run_reports_its_best_parameters() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("run");
    let summary = train(&experiment(true), &path).summary;
    let (step, value) = best(&path);
    assert!(step < summary.global_step, "it got no worse: {summary:?}");
    assert_eq!(summary.results_step, Some(step));
    assert_eq!(summary.tasks[0].results["validation"], value);
    assert_eq!(json(&bytes(&path, "config.json"))["select"], "best");
    let last = bytes(&path, "parameters.safetensors");
    assert_ne!(bytes(&path, "best.safetensors"), last);
    assert!(file_of(&path).ends_with("checkpoints/best.safetensors"));

    // A run that was stopped ends with the same bits.
    let stopped = parent.path().join("stopped");
    train(&experiment(true), &stopped);
    for name in ["summary.json", "parameters.safetensors", "best.safetensors"] {
        fs::remove_file(stopped.join(name)).unwrap();
    }
    for step in [8, 12] {
        let name = format!("checkpoints/step-{step:09}.safetensors");
        fs::remove_file(stopped.join(name)).unwrap();
    }
    let directory = stopped.display().to_string();
    run(&experiment(true), &["resume", &directory, "--quiet"]).unwrap();
    for name in ["summary.json", "best.safetensors", "parameters.safetensors"] {
        assert_eq!(bytes(&stopped, name), bytes(&path, name), "{name}");
    }
}

#[test]
fn the_last_parameters_are_reported_where_they_are_asked_for() {
    let parent = tempfile::tempdir().unwrap();
    let path = |name: &str| parent.path().join(name);
    let best = path("best");
    train(&experiment(true), &best);
    let asked = path("asked").display().to_string();
    let last = ["--select", "last", "--quiet", "--logdir", &asked];
    run(&experiment(true), &last).unwrap();
    train(&experiment(true).reports_last(), &path("experiment"));
    train(&experiment(false), &path("without"));
    for name in ["asked", "experiment", "without"] {
        let run = path(name);
        let summary = Summary::read(&run).unwrap();
        assert_eq!(summary.results_step, None, "{name}");
        assert!(!run.join("best.safetensors").exists(), "{name}");
        let last = "checkpoints/step-000000012.safetensors";
        assert!(file_of(&run).ends_with(last), "{name}");
        let parameters = "parameters.safetensors";
        assert_eq!(bytes(&run, parameters), bytes(&best, parameters), "{name}");
    }
    // Asked for, the best is taken here too.
    let other = path("other").display().to_string();
    let best = ["--select", "best", "--quiet", "--logdir", &other];
    run(&experiment(true).reports_last(), &best).unwrap();
    assert!(path("other").join("best.safetensors").exists());
}
