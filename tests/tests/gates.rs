//! Fields whose components a gate of each task weighs for each example.

use paramalloc_core::data::Targets;
use paramalloc_core::engine::cpu::CpuEngine;
use paramalloc_core::error::{Error, NetworkError};
use paramalloc_core::network::plan::Plan;
use paramalloc_core::penalty::{Penalties, PenaltyUnit};
use paramalloc_core::prelude::*;
use paramalloc_core::prune::prune;
use paramalloc_core::random::{Purpose, Random, Stream};
use paramalloc_core::train::{NamedTensor, Noise};
use tests::compare::{assert_close, assert_equal};
use tests::engines::Kind;
use tests::made::{Run, random_tasks};

/// Gates on images and on features, alternatives of which one has no
/// operation, private components, and a dense layer that is computed over the
/// whole batch. No ReLU: differences are taken.
#[multitask(input = (2, 4, 4))]
struct Net {
    stem: (Conv2D<2, 3, 3, 1, Same>, Tanh),
    #[routed(2, gate, private = 1)]
    images: AnyOf<(Identity, (Conv2D<3, 3, 3, 1, Same>, Tanh))>,
    pool: AvgPool2D<2>,
    flatten: Flatten2D,
    #[routed(3, gate)]
    dense: (Linear<12, 512>, Tanh, Linear<512, 12>),
    #[routed(2)]
    routed: (Linear<12, 8>, Tanh),
    #[head(classes = 3)]
    head: Linear<8, 3>,
}

const TASKS: [usize; 2] = [3; 2];
const BATCH: usize = 11;

fn values(stream: &mut Stream, len: usize) -> Vec<f32> {
    (0..len).map(|_| stream.uniform_in(-1.0, 1.0)).collect()
}

/// A trainer whose gates weigh components differently.
fn trainer(threads: usize, settings: &TrainSettings) -> Trainer {
    let mut trainer = Trainer::new(&Net::NETWORK, settings, &TASKS, threads).unwrap();
    open_gates(&mut trainer);
    trainer
}

/// Gives gates, which are all zeros at the start, other parameters.
fn open_gates(trainer: &mut Trainer) {
    let mut tensors = trainer.parameters();
    let mut stream = Random::new(8).stream(Purpose::Data, 0, 0);
    for tensor in tensors.iter_mut().filter(|t| t.path.contains(".gate.")) {
        assert!(tensor.values.iter().all(|value| *value == 0.0));
        tensor.values = values(&mut stream, tensor.values.len());
    }
    trainer.set_parameters(&tensors).unwrap();
}

#[test]
fn gradients_are_what_differences_give() {
    let mut trainer = trainer(1, &TrainSettings::default());
    let mut stream = Random::new(9).stream(Purpose::Data, 0, 0);
    let inputs = values(&mut stream, BATCH * 32);
    let classes: Vec<u16> = (0..BATCH).map(|_| stream.below(3) as u16).collect();
    let noise = Noise {
        uniforms: vec![0.5; trainer.routers().uniform_len()],
        masks: Vec::new(),
    };
    for task in 0..2 {
        let loss = |trainer: &mut Trainer| {
            let report = trainer.compute(task, &inputs, Targets::Classes(&classes), &noise);
            report.unwrap().task_loss
        };
        loss(&mut trainer);
        let gradient = trainer.gradient();
        let start = trainer.parameters();
        let mut compared = 0;
        for (i, of) in gradient.iter().enumerate() {
            if of.path.contains("router") {
                continue;
            }
            let direction = values(&mut stream, of.values.len());
            let norm = direction.iter().map(|d| d * d).sum::<f32>().sqrt();
            let mut along = |step: f32| {
                let mut moved = start.clone();
                for (value, d) in moved[i].values.iter_mut().zip(&direction) {
                    *value += step * d / norm;
                }
                trainer.set_parameters(&moved).unwrap();
                loss(&mut trainer)
            };
            let difference = (along(0.01) - along(-0.01)) / 0.02;
            let product = of.values.iter().zip(&direction);
            let slope = product.map(|(g, d)| f64::from(g * d / norm)).sum::<f64>();
            let off = (difference - slope).abs();
            assert!(
                off < 2e-3 * (1.0 + slope.abs()),
                "{}: {difference}, {slope}",
                of.path
            );
            compared += usize::from(slope != 0.0);
        }
        trainer.set_parameters(&start).unwrap();
        assert!(compared > 20, "{compared} of task {task}");
        // What another task alone sees gets nothing.
        let of = |path: &str| &gradient.iter().find(|t| t.path == path).unwrap().values;
        let (own, other) = (4 + 2 * task + 1, 4 + 2 * (1 - task) + 1);
        assert!(
            of(&format!("images.{own}.0.weight"))
                .iter()
                .any(|g| *g != 0.0)
        );
        assert!(
            of(&format!("images.{other}.0.weight"))
                .iter()
                .all(|g| *g == 0.0)
        );
        let gate = format!("images.gate.{}.weight", 1 - task);
        assert!(of(&gate).iter().all(|g| *g == 0.0));
    }
}

fn trained(trainer: Trainer, settings: &TrainSettings) -> Vec<NamedTensor> {
    let plan = Plan::new(&Net::NETWORK, &TASKS).unwrap();
    let tasks = random_tasks(&plan, 32, 8);
    let mut run = Run::new(trainer, &tasks, settings);
    run.steps(10);
    run.parameters()
}

fn settings() -> TrainSettings {
    let penalties = Penalties::default().l2_penalty(1e-3);
    TrainSettings::default()
        .seed(2)
        .batch_size(21)
        .penalties(penalties)
}

#[test]
fn threads_change_nothing_nor_what_is_left_out() {
    let settings = settings();
    let train = |kind: Kind| {
        let mut trainer = kind.trainer::<Net>(&settings, &TASKS).unwrap();
        open_gates(&mut trainer);
        trained(trainer, &settings)
    };
    let one = train(Kind::Cpu(1));
    for kind in [Kind::Cpu(2), Kind::Cpu(3), Kind::Cpu(5), Kind::Dense] {
        assert_equal(&format!("{kind:?}"), &train(kind), &one);
    }
    let by_groups = Trainer::with_engine(&Net::NETWORK, &settings, &TASKS, |plan, routers, p| {
        Ok(Box::new(
            CpuEngine::new(plan, &routers.learned(), p, 1)?.by_groups(),
        ))
    });
    let mut by_groups = by_groups.unwrap();
    open_gates(&mut by_groups);
    assert_close("groups", &trained(by_groups, &settings), &one, 1e-4, 1e-3);
}

/// The gradient of a batch for both tasks is the sum of theirs.
#[test]
fn tasks_go_through_gates_together() {
    let mut stream = Random::new(6).stream(Purpose::Data, 0, 0);
    let inputs = values(&mut stream, BATCH * 32);
    let classes: Vec<u16> = (0..BATCH).map(|_| stream.below(3) as u16).collect();
    let targets = [Targets::Classes(&classes); 2];
    for kind in [Kind::Cpu(1), Kind::Cpu(3)] {
        let settings = TrainSettings::default();
        let mut trainer = kind.trainer::<Net>(&settings, &TASKS).unwrap();
        open_gates(&mut trainer);
        let noise = |tasks: usize| Noise {
            uniforms: vec![0.5; tasks * trainer.routers().uniform_len()],
            masks: Vec::new(),
        };
        let (one, both) = (noise(1), noise(2));
        let mut of = |task: usize| {
            let report = trainer.compute(task, &inputs, targets[task], &one);
            report.unwrap();
            trainer.gradient()
        };
        let (mut sum, other) = (of(0), of(1));
        for (sum, other) in sum.iter_mut().zip(other) {
            let values = sum.values.iter_mut().zip(other.values);
            values.for_each(|(sum, value)| *sum += value);
        }
        trainer.compute_all(&inputs, &targets, &both).unwrap();
        assert_close("both tasks", &trainer.gradient(), &sum, 1e-5, 1e-4);
    }
}

/// All engines compute the same gradient.
#[test]
fn the_typed_form_has_the_same_gates() {
    let mut stream = Random::new(6).stream(Purpose::Data, 0, 0);
    let inputs = values(&mut stream, BATCH * 32);
    let classes: Vec<u16> = (0..BATCH).map(|_| stream.below(3) as u16).collect();
    let gradient = |kind: Kind, task: usize| {
        let settings = TrainSettings::default();
        let mut trainer = kind.trainer::<Net>(&settings, &TASKS).unwrap();
        open_gates(&mut trainer);
        let noise = Noise {
            uniforms: vec![0.5; trainer.routers().uniform_len()],
            masks: Vec::new(),
        };
        let report = trainer.compute(task, &inputs, Targets::Classes(&classes), &noise);
        report.unwrap();
        let logits = trainer.logits(task, &inputs).unwrap();
        (trainer.gradient(), logits)
    };
    for task in 0..2 {
        let (wanted, wanted_logits) = gradient(Kind::Cpu(1), task);
        for kind in Kind::all() {
            let (found, logits) = gradient(kind, task);
            assert_close(&format!("{kind:?}"), &found, &wanted, 1e-5, 1e-2);
            let mut pairs = logits.iter().zip(&wanted_logits);
            assert!(pairs.all(|(a, b)| (a - b).abs() < 1e-5), "{kind:?}");
        }
    }
}

/// What gates weigh is no choice of a router, so a budget counts the other
/// components alone.
#[test]
fn budgets_are_of_what_routers_choose() {
    let penalties = Penalties::default().budget(0.25).budget_penalty(2.0);
    for unit in PenaltyUnit::ALL {
        let settings = settings().penalties(penalties.budget_unit(unit));
        let mut trainer = trainer(1, &settings);
        let inputs = vec![0.25; 32];
        let report = trainer.task_step(0, &inputs, Targets::Classes(&[1]));
        // The two components of `routed`, each with probability a half.
        let budget = report.unwrap().penalties.get("budget").unwrap();
        assert!(
            (budget - 2.0 * (0.5 - 0.25)).abs() < 1e-6,
            "{unit}: {budget}"
        );
    }
}

#[test]
fn a_checkpoint_goes_on_with_the_same_bits() {
    let settings = TrainSettings::default();
    let mut first = trainer(1, &settings);
    let inputs = vec![0.25; 32];
    first.task_step(0, &inputs, Targets::Classes(&[1])).unwrap();
    let saved = first.checkpoint(&()).unwrap();
    let mut second = trainer(2, &settings);
    second.restore::<()>(&saved).unwrap();
    for trainer in [&mut first, &mut second] {
        trainer
            .task_step(1, &inputs, Targets::Classes(&[2]))
            .unwrap();
    }
    assert_equal("resumed", &second.parameters(), &first.parameters());
}

/// A task that is not trained keeps its gates and what it alone sees.
#[test]
fn frozen_tasks_keep_their_gates() {
    let settings = TrainSettings::default().frozen_tasks(1);
    let start = trainer(1, &settings).parameters();
    let end = trained(trainer(1, &settings), &settings);
    let of_first = ["images.5.", "images.gate.0.", "dense.gate.0.", "head.0."];
    for (before, after) in start.iter().zip(&end) {
        let path = &before.path;
        if path.contains("router") {
            continue;
        }
        let is_frozen = of_first.iter().any(|of| path.starts_with(of));
        assert_eq!(before.values == after.values, is_frozen, "{path}");
    }
}

#[test]
fn gates_are_frozen_by_their_own_path_and_are_not_pruned() {
    let settings = TrainSettings::default().freeze("all,dense.gate");
    let start = trainer(1, &settings).parameters();
    let end = trained(trainer(1, &settings), &settings);
    for (a, b) in start.iter().zip(&end) {
        let path = a.path.as_str();
        let learns =
            path.starts_with("head") || path.starts_with("images.gate") || path.contains("router");
        assert_eq!(a.values != b.values, learns, "{path}");
    }
    let error = prune(&trainer(1, &settings), 0, "task 0").unwrap_err();
    assert!(matches!(
        &error,
        Error::Network(NetworkError::PruneGates { .. })
    ));
    assert_eq!(
        error.to_string(),
        "`images` of `Net` has gates, which a pruned network cannot have; export the task as an ONNX file, or use the run as it is"
    );
}
