//! The experiment as its author uses it.

use std::path::PathBuf;

use paramalloc::{Done, Error};
use stranger::experiment;

/// A directory of its own for a test.
struct Directory(PathBuf);

impl Directory {
    fn new(test: &str) -> Self {
        let name = format!("paramalloc-stranger-{}-{test}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn it_trains_and_its_runs_are_evaluated_pruned_and_resumed() {
    let directory = Directory::new("train");
    let run = directory.path("run");
    let experiment = experiment();
    let arguments = ["points", "--quiet", "--logdir", &run, "--eval-every=500"];
    let Done::Trained(finished) = experiment.run_from(arguments).unwrap() else {
        panic!("it trains");
    };
    for task in &finished.summary.tasks {
        assert!(task.results["train"] > 0.9, "{:?}", finished.summary.tasks);
    }
    let out = directory.path("line");
    let evaluated = experiment.run_from(["points", "eval", &run, "--once"]);
    assert!(matches!(evaluated, Ok(Done::Evaluated)), "{evaluated:?}");
    let arguments = ["points", "prune", &run, "--task=line", "--out", &out];
    let pruned = experiment.run_from(arguments);
    assert!(matches!(pruned, Ok(Done::Pruned)), "{pruned:?}");
    let resumed = experiment.run_from(["points", "resume", &run]).unwrap();
    assert!(matches!(resumed, Done::Trained(_)), "{resumed:?}");
    let refused = experiment.run_from(["points", "resume", &directory.path("none")]);
    assert!(matches!(refused, Err(Error::NoRun { .. })), "{refused:?}");
}

#[test]
fn it_is_forty_lines() {
    let code = include_str!("../src/lib.rs").lines().map(str::trim);
    let code = code.filter(|line| !line.is_empty() && !line.starts_with("//"));
    assert!(code.count() <= 40);
}
