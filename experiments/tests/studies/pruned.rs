//! The program `prune` on runs of all experiments: what it writes is loaded
//! again and compared with the whole network.

use experiments::studies::{Clusters, Omniglot, Synthetic};
use paramalloc::{Error, Loaded, Settings, Study, Visitor};
use paramalloc_core::network::Multitask;
use paramalloc_core::prune::PrunedNetwork;
use paramalloc_core::train::{TrainSettings, Trainer, from_safetensors};
use paramalloc_data::{DataError, DataOptions};

use crate::*;

/// Compares the network of `task` alone with that of the run, on all test
/// examples.
pub struct Compare<'a> {
    pub run: &'a Path,
    pub pruned: &'a Path,
    pub task: usize,
}

impl Compare<'_> {
    /// Of a run of study `S`.
    pub fn of<S: Study>(self) {
        let mut config = config(self.run);
        let map = config.as_object_mut().unwrap();
        for name in [
            "format",
            "experiment",
            "version",
            "program",
            "data_identity",
        ] {
            map.remove(name).unwrap();
        }
        let settings: Settings = serde_json::from_value(config).unwrap();
        let options = serde_json::from_value(Value::Object(settings.options.clone()));
        S::network(
            &options.unwrap(),
            &settings,
            Network {
                of: self,
                settings: &settings,
            },
        )
        .unwrap();
    }
}

struct Network<'a> {
    of: Compare<'a>,
    settings: &'a Settings,
}

impl Visitor for Network<'_> {
    type Output = ();

    fn visit<N: Multitask>(
        self,
        load: impl FnOnce(&DataOptions, &mut dyn FnMut(&str)) -> Result<Loaded, DataError>,
    ) -> Result<(), Error> {
        let Compare { run, pruned, task } = self.of;
        let settings = self.settings;
        let (tasks, _) = load(&settings.data_options(), &mut |_| {}).unwrap();
        let outputs: Vec<usize> = tasks.iter().map(|t| t.outputs).collect();
        let router = settings.router.clone();
        let train = TrainSettings::default().router(router);
        let mut whole = Trainer::new(&N::NETWORK, &train, &outputs, 1).unwrap();
        let parameters = fs::read(run.join("parameters.safetensors")).unwrap();
        let (parameters, _) = from_safetensors(&parameters).unwrap();
        whole.set_parameters(&parameters).unwrap();
        let mut alone = PrunedNetwork::load(&N::NETWORK, &fs::read(pruned).unwrap()).unwrap();
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
        Ok(())
    }
}

/// Writes the network of a task of `run`; gives the report.
pub fn prune(folder: &Path, task: &str) -> String {
    let arguments = ["--dir=run", "--out=alone", "--task", task];
    succeed(command(PRUNE, folder, &arguments)).0
}

fn compare<S: Study>(folder: &Path, task: usize) {
    let compare = Compare {
        run: &folder.join("run"),
        pruned: &folder.join("alone"),
        task,
    };
    compare.of::<S>();
}

#[test]
fn an_alphabet_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // Half of the components are used, so that something is left out.
    let arguments = ["--steps=3", "--logdir=run", "--probs-init=0.5"];
    succeed(omniglot(folder, &arguments));
    let out = prune(folder, "drawn alphabet 2");
    assert_has(
        &out,
        "drawn alphabet 2 (--task 1) alone, from run/checkpoints/step-",
    );
    assert!(!out.contains("(100.0 %)"), "{out}");
    compare::<Omniglot>(folder, 1);
}

#[test]
fn a_cluster_task_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let arguments = [
        "--data=drawn",
        "--steps=2",
        "--train-examples=16",
        "--test-examples=8",
        "--batch-size=8",
        "--eval-every=0",
        "--logdir=run",
        "--quiet",
    ];
    succeed(command(env!("CARGO_BIN_EXE_clusters"), folder, &arguments));
    assert_has(&prune(folder, "25"), "bit for bit");
    compare::<Clusters>(folder, 25);
}

#[test]
fn a_task_of_a_synthetic_pair_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
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
    succeed(command(env!("CARGO_BIN_EXE_synthetic"), folder, &arguments));
    assert_has(&prune(folder, "pair 2 b"), "pair 2 b (--task 3) alone");
    compare::<Synthetic>(folder, 3);
}
