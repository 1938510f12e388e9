//! The subcommand `prune` on runs of all experiments: what it writes is loaded
//! again and compared with the whole network, on the data of the run.

use paramalloc::data::{DataChoice, DataOptions};
use paramalloc::prelude::*;
use paramalloc_core::prune::PrunedNetwork;
use paramalloc_core::train::{TrainSettings, Trainer, from_safetensors};

use crate::*;

/// Compares the network of `task` alone with that of the run, on all test
/// examples.
pub struct Compare<'a> {
    pub run: &'a Path,
    pub pruned: &'a Path,
    pub task: usize,
}

impl Compare<'_> {
    /// With the network and the data that the directory of the run names.
    pub fn check(self) {
        let Compare { run, pruned, task } = self;
        let config = config(run);
        let network = fs::read(run.join("network.json")).unwrap();
        let network: Value = serde_json::from_slice(&network).unwrap();
        assert_eq!(network["format"], 1);
        let network: Network = serde_json::from_value(network["network"].clone()).unwrap();
        let source = &config["source"];
        let options = source["options"].as_object().cloned().unwrap_or_default();
        let source = sources::by_name(source["name"].as_str().unwrap(), &options).unwrap();
        let tasks = source
            .expect("a source of paramalloc-data")
            .load(&data_options(&config), &mut |_: &str| {})
            .unwrap()
            .tasks;

        let outputs: Vec<usize> = tasks.iter().map(|t| t.outputs).collect();
        let router = serde_json::from_value(config["router"].clone()).unwrap();
        let train = TrainSettings::default().router(router);
        let mut whole = Trainer::new(&network, &train, &outputs, 1).unwrap();
        let parameters = fs::read(run.join("parameters.safetensors")).unwrap();
        let (parameters, _) = from_safetensors(&parameters).unwrap();
        whole.set_parameters(&parameters).unwrap();
        let mut alone = PrunedNetwork::load(&network, &fs::read(pruned).unwrap()).unwrap();
        assert_eq!(alone.manifest.task_name, tasks[task].name);

        let (_, test) = tasks[task].evaluation.last().unwrap();
        let len = whole.plan().input.len();
        let mut inputs = vec![0.0; test.len() * len];
        for (index, input) in inputs.chunks_exact_mut(len).enumerate() {
            test.write_input(index, None, input);
        }
        let logits = whole.logits(task, &inputs).unwrap();
        assert_eq!(logits.len(), test.len() * outputs[task]);
        assert!(logits.iter().any(|&logit| logit != 0.0));
        let bits = |l: &[f32]| l.iter().map(|l| l.to_bits()).collect::<Vec<u32>>();
        assert_eq!(bits(&alone.logits(&inputs).unwrap()), bits(&logits));
    }
}

/// The data of a run.
fn data_options(config: &Value) -> DataOptions {
    let of = |name: &str| config.get(name).cloned().unwrap_or_default();
    let real = config["data_identity"]["real"] == true;
    let mut options = DataOptions::default().data(match real {
        true => DataChoice::Real,
        false => DataChoice::Generated,
    });
    options.data_dir = serde_json::from_value(of("data_dir")).unwrap();
    options.train_examples = serde_json::from_value(of("train_examples")).unwrap();
    options.test_examples = serde_json::from_value(of("test_examples")).unwrap();
    options
}

/// Writes the network of a task of `run`; gives the report.
pub fn prune(program: &str, directory: &Path, task: &str) -> String {
    let arguments = ["prune", "run", "--out=alone", "--task", task];
    succeed(command(program, directory, &arguments)).0
}

fn compare(directory: &Path, task: usize) {
    let compare = Compare {
        run: &directory.join("run"),
        pruned: &directory.join("alone"),
        task,
    };
    compare.check();
}

#[test]
fn an_alphabet_alone() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    // Half of the components are used, so that something is left out.
    let arguments = ["--steps=3", "--logdir=run", "--probs-init=0.5"];
    succeed(omniglot(directory, &arguments));
    let out = prune(
        env!("CARGO_BIN_EXE_omniglot"),
        directory,
        "generated alphabet 2",
    );
    assert_has(
        &out,
        "generated alphabet 2 (--task 1) alone, from run/checkpoints/step-",
    );
    assert!(!out.contains("(100.0 %)"), "{out}");
    compare(directory, 1);
}

#[test]
fn a_cluster_task_alone() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let arguments = [
        "--data=generated",
        "--steps=2",
        "--train-examples=16",
        "--test-examples=8",
        "--batch-size=8",
        "--eval-every=0",
        "--logdir=run",
        "--quiet",
    ];
    let program = env!("CARGO_BIN_EXE_clusters");
    succeed(command(program, directory, &arguments));
    assert_has(&prune(program, directory, "25"), "bit for bit");
    compare(directory, 25);
}

#[test]
fn a_task_of_a_synthetic_pair_alone() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    // Its tasks depend on options, settings and the seed.
    let arguments = [
        "--steps=20",
        "--train-examples=64",
        "--test-examples=32",
        "--relatedness=0.3,0.8",
        "--pairs=2",
        "--seed=5",
        "--logdir=run",
        "--quiet",
    ];
    let program = env!("CARGO_BIN_EXE_synthetic");
    succeed(command(program, directory, &arguments));
    let out = prune(program, directory, "pair 2 b");
    assert_has(&out, "pair 2 b (--task 3) alone");
    compare(directory, 3);
}
