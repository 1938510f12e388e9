//! An experiment with an optimizer, a schedule and a penalty of its own.

use paramalloc_core::optim::{Optimizer, Schedule, UpdateStep};
use paramalloc_core::penalty::{Connections, Penalty};

use crate::{experiment, parameters, run, train};

/// Gradient descent.
#[derive(Debug)]
struct Descent;

impl Optimizer for Descent {
    fn name(&self) -> &str {
        "descent"
    }

    fn slots(&self) -> &[&str] {
        &[]
    }

    fn update(
        &self,
        step: UpdateStep,
        _: &mut [&mut [f32]],
        parameters: &mut [f32],
        gradient: Option<&[f32]>,
    ) {
        let rate = step.learning_rate as f32;
        for (parameter, gradient) in parameters.iter_mut().zip(gradient.into_iter().flatten()) {
            *parameter -= rate * gradient;
        }
    }
}

/// Half of the learning rate in the second half.
#[derive(Debug)]
struct Half;

impl Schedule for Half {
    fn factor(&self, step: u64, total_steps: u64) -> f64 {
        if 2 * step < total_steps { 1.0 } else { 0.5 }
    }
}

/// A constant pull to 0 on the connection probabilities.
#[derive(Debug)]
struct Few;

impl Penalty for Few {
    fn name(&self) -> &str {
        "few"
    }

    fn on_connections(&self, connections: &Connections<'_>, gradient: &mut [f64]) -> f64 {
        gradient.iter_mut().for_each(|g| *g += 1.0);
        let probabilities = connections.probabilities.iter();
        probabilities.map(|&p| f64::from(p)).sum()
    }
}

#[test]
fn each_is_used_and_a_run_resumes_with_it_only() {
    let parent = tempfile::tempdir().unwrap();
    let path = |name: &str| parent.path().join(name);
    let variants = [
        ("optimizer", experiment().optimizer(|| Descent)),
        ("schedule", experiment().schedule(|| Half)),
        ("penalty", experiment().penalty(|| Few)),
    ];
    train(&experiment(), &path("plain"));
    for (name, experiment) in variants {
        train(&experiment, &path(name));
        let trained = parameters(&path(name));
        assert_ne!(trained, parameters(&path("plain")), "{name}");

        // As a run is that was killed before its last checkpoint.
        std::fs::remove_file(path(name).join("summary.json")).unwrap();
        let last = path(name).join("checkpoints/step-000000024.safetensors");
        std::fs::remove_file(last).unwrap();
        let directory = path(name).display().to_string();
        let arguments = ["resume", &directory, "--quiet"];
        let refused = run(&crate::experiment(), &arguments).unwrap_err();
        assert!(
            refused.to_string().contains("no checkpoint can be used"),
            "{refused}"
        );
        run(&experiment, &arguments).unwrap();
        assert_eq!(parameters(&path(name)), trained, "{name}");

        // Evaluating and pruning need none of it.
        run(&crate::experiment(), &["eval", &directory, "--once"]).unwrap();
        let out = path(&format!("{name}-pruned")).display().to_string();
        let arguments = ["prune", &directory, "--task=larger", "--out", &out];
        run(&crate::experiment(), &arguments).unwrap();
    }
}
