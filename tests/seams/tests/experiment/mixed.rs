//! Tasks of different kinds in one run: each is judged by the metric of its own
//! loss, from the training to the tables, and no mean is taken over them.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use paramalloc::data::{Dataset, sources};
use paramalloc::{Error, Experiment, Settings};
use paramalloc_core::data::{Examples, FloatInputs, Task};
use paramalloc_core::loss::{Loss, TaskLoss};
use paramalloc_core::prelude::*;
use paramalloc_core::summary::{DataIdentity, Summary};

use seams::Squares;

use crate::{run, train};

/// A class and a value; what they are the data say.
#[multitask(input = 3)]
struct Mixed {
    #[routed(3)]
    dense: (Linear<3, 8>, ReLU),
    #[head(from_data)]
    head: PerTaskLinear<8>,
}

fn tasks() -> Vec<Task> {
    let inputs: Vec<f32> = (0..40 * 3)
        .map(|i| (i * 7 % 11) as f32 / 11.0 - 0.5)
        .collect();
    let sum = |x: &[f32]| x[0] + x[1] - x[2];
    let classes: Vec<u16> = inputs.chunks(3).map(|x| u16::from(sum(x) > 0.0)).collect();
    let values: Vec<f32> = inputs.chunks(3).map(sum).collect();
    let inputs = Arc::new(FloatInputs::new(3, inputs).unwrap());
    let classes = Examples::new(inputs.clone(), classes).unwrap();
    let values = Examples::new(inputs, values).unwrap();
    vec![
        Task::new("sign", 2, classes.clone())
            .class_weights(vec![1.0, 2.0])
            .evaluated_on("validation", classes.clone())
            .evaluated_on("test", classes),
        Task::new("sum", 1, values.clone())
            .loss(Loss::Huber)
            .weight(0.5)
            .evaluated_on("validation", values.clone())
            .evaluated_on("test", values),
    ]
}

fn experiment() -> Experiment {
    let source = sources::program("made", |_, _| {
        Ok(Dataset::new(tasks(), DataIdentity::default()))
    });
    let defaults = Settings::default().steps(12).batch_size(8);
    let defaults = defaults.eval_every(4).checkpoint_every(4).log_every(4);
    Experiment::new("mixed", Mixed::NETWORK, source).defaults(defaults)
}

fn read(directory: &Path, file: &str) -> String {
    fs::read_to_string(directory.join(file)).unwrap()
}

#[test]
fn each_task_is_judged_by_the_metric_of_its_loss() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("mixed");
    let summary = train(&experiment(), &path).summary;
    assert!(summary.is_mixed() && summary.metric == "mixed");
    let metrics: Vec<&str> = (summary.tasks.iter())
        .map(|task| summary.metric_of(task))
        .collect();
    assert_eq!(metrics, ["accuracy", "mean_absolute_error"]);
    assert_eq!(Summary::read(&path).unwrap(), summary);
    assert!(!summary.tasks[0].guess.is_empty());
    assert!(summary.tasks[1].guess.is_empty());

    // What the data said is stored, and the run can be used with it alone.
    let config: serde_json::Value = serde_json::from_str(&read(&path, "config.json")).unwrap();
    assert_eq!(config["tasks"][0]["loss"], "softmax_cross_entropy");
    assert_eq!(config["tasks"][0]["class_weights"][1], 2.0);
    assert_eq!(config["tasks"][1]["loss"], "huber");
    assert_eq!(config["tasks"][1]["weight"], 0.5);
    // Results of different metrics have no mean: the best is by the losses.
    assert!(path.join("checkpoints/best.safetensors").exists());
    assert!(read(&path, "metrics.jsonl").contains(r#""losses":{"test":["#));

    let directory = path.display().to_string();
    run(&experiment(), &["eval", &directory, "--once"]).unwrap();
    let lines = read(&path, "evaluations.jsonl");
    let wanted = summary.tasks[1].results["test"].to_string();
    assert!(lines.contains(&wanted), "{lines}");
    let out = parent.path().join("sum.safetensors").display().to_string();
    run(
        &experiment(),
        &["prune", &directory, "--task", "sum", "--out", &out],
    )
    .unwrap();
    run(&experiment(), &["resume", &directory]).unwrap();
}

#[test]
fn a_metric_of_all_must_fit_each_task() {
    let refused = run(&experiment(), &["--quiet", "--metric", "accuracy"]).unwrap_err();
    assert!(matches!(refused, Error::Metric(_)), "{refused}");
    assert!(
        refused.to_string().contains("the targets of sum"),
        "{refused}"
    );
}

/// A loss of the user's own that a task asks for is a name in the directory; the
/// experiment says which it is.
#[test]
fn a_loss_of_a_task_is_found_again() {
    let made = |losses: &[&'static dyn TaskLoss]| {
        let source = sources::program("made", |_, _| {
            let mut tasks = tasks();
            tasks[1].loss = Some(Loss::own(&Squares));
            Ok(Dataset::new(tasks, DataIdentity::default()))
        });
        let defaults = Settings::default().steps(4).batch_size(8);
        let experiment = Experiment::new("mixed", Mixed::NETWORK, source).defaults(defaults);
        (losses.iter()).fold(experiment, |experiment, &loss| experiment.loss(loss))
    };
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("own");
    let summary = train(&made(&[&Squares]), &path).summary;
    assert_eq!(summary.metric_of(&summary.tasks[1]), "squares");
    let directory = path.display().to_string();
    let out = parent.path().join("sum.safetensors").display().to_string();
    let eval = ["eval", &directory, "--once"];
    let prune = ["prune", &directory, "--task", "sum", "--out", &out];
    for arguments in [&eval[..], &prune] {
        let refused = run(&made(&[]), arguments).unwrap_err();
        assert!(refused.to_string().contains("sum"), "{refused}");
        run(&made(&[&Squares]), arguments).unwrap();
    }
    let lines = read(&path, "evaluations.jsonl");
    assert!(lines.contains(&summary.tasks[1].results["test"].to_string()));
}
