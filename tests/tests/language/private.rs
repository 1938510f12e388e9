//! Layers of each task's own: private fields, and heads of several layers as in
//! LibMTL's decoders (Lin and Zhang, "LibMTL: A Python Library for Multi-Task
//! Learning", JMLR 2023).

use std::sync::Arc;

use paramalloc_core::data::{Examples, FloatInputs, Targets, Task};
use paramalloc_core::engine::cpu::{Convolution, numerics};
use paramalloc_core::network::plan::Plan;
use paramalloc_core::prelude::*;
use paramalloc_core::prune::{PrunedNetwork, prune};
use paramalloc_core::train::{TrainSettings, Trainer};
use tests::compare::{assert_equal, bits};
use tests::engines::Kind;
use tests::made::Run;

use crate::generated::Mixed;
use crate::learns::{agrees, learns, parameters};

const SIZE: usize = 6;

/// Private layers of all kinds: first of all, small and large ones, with
/// dropout, and below the heads.
#[multitask(input = (1, SIZE, SIZE))]
struct Own {
    #[private]
    look: (Conv2D<1, 4, 3, 1, Same>, ReLU, Dropout<10>),
    #[routed(2)]
    block: (Conv2D<4, 4, 3, 2, Same>, GroupNorm<4, 2>, ReLU),
    flatten: Flatten2D,
    #[private]
    wide: (Linear<36, 920>, ReLU, Dropout<20>),
    #[head(tasks = [classes(3), value, labels(2)])]
    head: (Linear<920, 12>, SiLU, PerTaskLinear<12>),
}

/// Of each of three tasks 4 filters of 3x3 with their biases, 36 features to 920
/// and those to 12; two components of 4 filters of 4x3x3, 4 biases and 4 channels
/// normalized; and heads of 3, 1 and 2 outputs.
const PARAMETERS: usize = 3 * ((4 * 9 + 4) + (36 * 920 + 920) + (920 * 12 + 12))
    + 2 * (4 * 36 + 4 + 2 * 4)
    + (12 * 6 + 6);

fn tasks() -> Vec<Task> {
    let made = Mixed::images(96, (1, SIZE), 3);
    let inputs = Arc::new(FloatInputs::new(SIZE * SIZE, made.inputs.clone()).unwrap());
    let classes = Examples::new(inputs.clone(), made.classes(0, 3)).unwrap();
    let values = |targets: Vec<f32>| Examples::new(inputs.clone(), targets).unwrap();
    let labels = Task::new("labels", 2, values(made.labels(2, 2)));
    vec![
        Task::new("classes", 3, classes),
        Task::new("value", 1, values(made.values(1, 1))),
        labels.loss(Loss::BinaryCrossEntropy),
    ]
}

#[test]
fn private_layers() {
    let tasks = tasks();
    assert_eq!(PARAMETERS, 135_786);
    assert_eq!(parameters::<Own>(&tasks), PARAMETERS);
    let plan = Plan::new(&Own::NETWORK, &tasks).unwrap();
    assert_eq!(numerics(&plan, Convolution::Auto), 2, "`wide` is a product");
    let masks: Vec<usize> = plan.dropouts.iter().map(|dropout| dropout.values).collect();
    assert_eq!(masks, [4 * SIZE * SIZE, 920], "one mask for all copies");
    agrees::<Own>(&tasks);
    learns::<Own>(&tasks, 100);
}

#[test]
fn each_copy_has_a_path() {
    let plan = Plan::new(&Own::NETWORK, &tasks()).unwrap();
    let paths: Vec<_> = (plan.parameters.iter().map(|p| p.path.as_str()))
        .filter(|path| path.ends_with("weight"))
        .collect();
    let expected = [
        "look.0.0.weight",
        "look.1.0.weight",
        "look.2.0.weight",
        "block.0.0.weight",
        "block.1.0.weight",
        "wide.0.0.weight",
        "wide.1.0.weight",
        "wide.2.0.weight",
        "head.0.0.weight",
        "head.1.0.weight",
        "head.2.0.weight",
        "head.0.2.weight",
        "head.1.2.weight",
        "head.2.2.weight",
    ];
    assert_eq!(paths, expected);
}

/// A step of one task leaves the copies of others out, which changes no number.
#[test]
fn others_are_not_touched() {
    let (tasks, settings) = (tasks(), TrainSettings::default().seed(2));
    let run = |kind: Kind| {
        let trainer = kind.trainer_of::<Own, Task>(&settings, &tasks).unwrap();
        Run::new(trainer, &tasks, &settings)
    };
    let (mut sparse, mut dense) = (run(Kind::Cpu(2)), run(Kind::Dense));
    for step in 0..9 {
        assert_eq!(sparse.step(), dense.step(), "step {step}");
        let gradient = sparse.trainer.gradient();
        assert_equal("sparse", &gradient, &dense.trainer.gradient());
        let is_own = |path: &str| !path.starts_with("block");
        let reached = gradient.iter().filter(|tensor| {
            is_own(&tensor.path) && tensor.values.iter().any(|&value| value != 0.0)
        });
        let mut owners: Vec<_> = reached.map(|t| t.path.split('.').nth(1)).collect();
        owners.dedup();
        assert_eq!(owners.len(), 1, "step {step}: {owners:?}");
    }
}

#[test]
fn a_pruned_network_has_the_copies_of_its_task() {
    let (tasks, settings) = (tasks(), TrainSettings::default().seed(2));
    let trainer = Trainer::new(&Own::NETWORK, &settings, &tasks, 1).unwrap();
    let mut run = Run::new(trainer, &tasks, &settings);
    run.steps(12);
    let inputs: Vec<f32> = (0..9 * SIZE * SIZE).map(|i| (i as f32).sin()).collect();
    for (task, of) in tasks.iter().enumerate() {
        let (manifest, bytes) = prune(&run.trainer, task, &of.name).unwrap();
        let mut pruned = PrunedNetwork::load(&Own::NETWORK, &bytes).unwrap();
        let expected = run.trainer.logits(task, &inputs).unwrap();
        assert_eq!(bits(&pruned.logits(&inputs).unwrap()), bits(&expected));
        // With all components: everything but the copies of two tasks.
        let own = (4 * 9 + 4) + (36 * 920 + 920) + (920 * 12 + 12) + 13 * of.outputs;
        let whole = own + 2 * (4 * 36 + 4 + 2 * 4);
        assert_eq!(manifest.size.whole_parameters, whole as u64);
    }
}

#[test]
fn a_stored_network_is_the_same() {
    let text = serde_json::to_string(&Own::NETWORK).unwrap();
    assert!(text.contains(r#""sharing":"private""#), "{text}");
    let read: Network = serde_json::from_str(&text).unwrap();
    assert_eq!(read, Own::NETWORK);
    let built = Network::builder("Own", Dims::image(1, SIZE, SIZE))
        .private("look", Own::NETWORK.fields[0].spec.clone())
        .routed("block", 2, Own::NETWORK.fields[1].spec.clone())
        .shared("flatten", Own::NETWORK.fields[2].spec.clone())
        .private("wide", Own::NETWORK.fields[3].spec.clone())
        .private("head", Own::NETWORK.fields[4].spec.clone())
        .head_from_data("head")
        .build()
        .unwrap();
    assert_eq!(built.fields, Own::NETWORK.fields);
    let classes = [0_u16, 2];
    let mut trainer = Trainer::new(&built, &TrainSettings::default(), &tasks(), 1).unwrap();
    let inputs = vec![0.5; 2 * SIZE * SIZE];
    let report = trainer.task_step(0, &inputs, Targets::Classes(&classes));
    assert!(report.unwrap().task_loss.is_finite());
}
