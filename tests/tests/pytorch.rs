//! Gates, heads of each task and per pixel, and losses against PyTorch's values: the loss,
//! the outputs and the gradients of all parameters, by every engine.
//! `tests/fixtures/networks/make.py` made them; layers by themselves are in
//! `paramalloc-core/tests/pytorch.rs`.

use std::collections::BTreeMap;

use paramalloc_core::data::{BatchTargets, MISSING_CLASS, OwnedTargets, TargetKind};
use paramalloc_core::engine::tape::TypedNetwork;
use paramalloc_core::network::TaskHead;
use paramalloc_core::prelude::*;
use paramalloc_core::train::{NamedTensor, Noise};
use serde::Deserialize;
use tests::engines::Kind;

#[derive(Deserialize)]
struct Fixture {
    cases: BTreeMap<String, Case>,
}

#[derive(Deserialize)]
struct Case {
    inputs: Vec<f32>,
    parameters: BTreeMap<String, Vec<f32>>,
    tasks: Vec<TaskCase>,
}

#[derive(Deserialize)]
struct TaskCase {
    targets: Vec<Option<f32>>,
    #[serde(default)]
    class_weights: Vec<f32>,
    example_weights: Option<Vec<f32>>,
    loss: f64,
    outputs: Vec<f64>,
    gradient: BTreeMap<String, Vec<f64>>,
}

/// Of the largest value of a tensor.
const TOLERANCE: f64 = 1e-5;

#[multitask(input = 5)]
struct Mmoe {
    stem: (Linear<5, 6>, Tanh),
    #[routed(3, gate)]
    experts: (Linear<6, 4>, Tanh),
    #[head(tasks = [value, classes(3)])]
    head: PerTaskLinear<4>,
}

#[multitask(input = (2, 4, 5))]
struct Cgc {
    stem: (Conv2D<2, 3, 3, 1, Same>, Tanh),
    #[routed(2, gate, private = 1)]
    experts: (Conv2D<3, 4, 3, 1, Same>, Tanh),
    pool: GlobalAvgPool2D,
    #[head(tasks = [labels(2), value(loss = Huber)])]
    head: PerTaskLinear<4>,
}

#[multitask(input = (2, 4, 5))]
struct Pixels {
    stem: (Conv2D<2, 3, 3, 1, Same>, Tanh),
    #[head(tasks = [classes(4), values(2), labels(1)])]
    head: PerTaskConv2D<3>,
}

#[multitask(input = (2, 4, 5))]
struct Neighbors {
    stem: (Conv2D<2, 3, 3, 1, Same>, Tanh),
    #[head(tasks = [classes(4), values(2), labels(1)])]
    head: PerTaskConv2D<3, 3, 1, Same>,
}

#[multitask(input = 5)]
struct Losses {
    stem: (Linear<5, 6>, Tanh),
    #[head(tasks = [
        classes(4), classes(4), classes(4, loss = Focal), classes(4, loss = Focal),
        values(3), values(3, loss = MeanAbsoluteError), values(3, loss = Huber),
        labels(3), labels(3),
    ])]
    head: PerTaskLinear<6>,
}

#[test]
fn networks_give_the_values_of_pytorch() {
    let text = include_str!("../fixtures/networks/cases.json");
    let fixture: Fixture = serde_json::from_str(text).unwrap();
    let case = |name: &str| (name.to_owned(), &fixture.cases[name]);
    compare::<Mmoe>(case("mmoe"));
    compare::<Cgc>(case("cgc"));
    compare::<Pixels>(case("pixels1"));
    compare::<Neighbors>(case("pixels3"));
    compare::<Losses>(case("losses"));
    assert_eq!(fixture.cases.len(), 5);
}

fn compare<N: TypedNetwork>((name, case): (String, &Case)) {
    for kind in [Kind::Cpu(1), Kind::Cpu(2), Kind::Tape, Kind::Composed] {
        let mut trainer = trainer::<N>(kind, case);
        for (task, of) in case.tasks.iter().enumerate() {
            let at = format!("{name}, task {task}, {kind:?}");
            let targets = targets(&trainer, task, &of.targets);
            let targets = BatchTargets {
                targets: targets.borrowed(),
                weights: of.example_weights.as_deref(),
            };
            let noise = Noise {
                uniforms: Vec::new(),
                masks: Vec::new(),
            };
            let report = trainer.compute(task, &case.inputs, targets, &noise);
            let loss = report.unwrap().task_loss;
            let off = (loss - of.loss).abs();
            assert!(off <= TOLERANCE * of.loss, "{at}: {loss}, {}", of.loss);
            close(&at, "outputs", trainer.last_logits(), &of.outputs);
            for found in trainer.gradient() {
                let nothing = vec![0.0; found.values.len()];
                let wanted = of.gradient.get(&found.path).unwrap_or(&nothing);
                close(&at, &found.path, &found.values, wanted);
            }
        }
    }
}

/// A trainer with the parameters of the case.
fn trainer<N: TypedNetwork>(kind: Kind, case: &Case) -> Trainer {
    let width = |task: usize| case.parameters[&format!("head.{task}.bias")].len();
    let tasks = case.tasks.iter().enumerate();
    let heads =
        tasks.map(|(task, of)| TaskHead::new(width(task)).class_weights(of.class_weights.clone()));
    let heads: Vec<TaskHead> = heads.collect();
    let mut trainer = kind
        .trainer_of::<N, TaskHead>(&TrainSettings::default(), &heads)
        .unwrap();
    let mut tensors: Vec<NamedTensor> = trainer.parameters();
    assert_eq!(tensors.len(), case.parameters.len());
    for tensor in &mut tensors {
        tensor.values.clone_from(&case.parameters[&tensor.path]);
    }
    trainer.set_parameters(&tensors).unwrap();
    trainer
}

fn targets(trainer: &Trainer, task: usize, targets: &[Option<f32>]) -> OwnedTargets {
    let loss = &trainer.plan().heads[task].loss;
    if loss.target_kind() == Some(TargetKind::Classes) {
        let class = |class: &Option<f32>| class.map_or(MISSING_CLASS, |class| class as u16);
        return targets.iter().map(class).collect::<Vec<u16>>().into();
    }
    let value = |value: &Option<f32>| value.unwrap_or(f32::NAN);
    targets.iter().map(value).collect::<Vec<f32>>().into()
}

#[track_caller]
fn close(at: &str, what: &str, got: &[f32], wanted: &[f64]) {
    assert_eq!(got.len(), wanted.len(), "{at}, {what}");
    let scale = wanted.iter().fold(0.0, |most: f64, v| most.max(v.abs()));
    for (i, (&got, &wanted)) in got.iter().zip(wanted).enumerate() {
        // Written so that a NaN fails.
        let is_close = (f64::from(got) - wanted).abs() <= TOLERANCE * scale;
        assert!(is_close, "{at}, {what}: value {i} is {got}, not {wanted}");
    }
}
