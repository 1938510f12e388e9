//! Fields whose components a gate of each task weighs for each example.

use paramalloc_core::data::Targets;
use paramalloc_core::engine::cpu::CpuEngine;
use paramalloc_core::error::{Error, NetworkError};
use paramalloc_core::network::Outputs;
use paramalloc_core::network::plan::Plan;
use paramalloc_core::penalty::{Penalties, PenaltyUnit};
use paramalloc_core::prelude::*;
use paramalloc_core::prune::prune;
use paramalloc_core::random::{Purpose, Random, Stream};
use paramalloc_core::routing::{Method, RouterOverride, RouterSettings};
use paramalloc_core::train::{NamedTensor, Noise, Usage};
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
            // Half of it is the gradient's own, so that the slope is far above rounding.
            let [random, own] = [values(&mut stream, of.values.len()), of.values.clone()].map(unit);
            let sum = random.iter().zip(&own).map(|(a, b)| a + b);
            let direction = unit(sum.collect());
            let mut along = |step: f32| {
                let mut moved = start.clone();
                for (value, d) in moved[i].values.iter_mut().zip(&direction) {
                    *value += step * d;
                }
                trainer.set_parameters(&moved).unwrap();
                loss(&mut trainer)
            };
            let difference = (along(0.01) - along(-0.01)) / 0.02;
            let product = of.values.iter().zip(&direction);
            let slope = product.map(|(g, d)| f64::from(g * d)).sum::<f64>();
            let off = (difference - slope).abs();
            assert!(
                off < 1e-5 + 2e-3 * slope,
                "{}: {difference}, {slope}",
                of.path
            );
            compared += usize::from(slope > 2e-4);
        }
        trainer.set_parameters(&start).unwrap();
        // Two tensors of the stem, six of convolutions that the task sees, twelve of
        // dense layers, four of routed ones, four of its gates and two of its head.
        assert_eq!(compared, 30, "of task {task}");
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

/// Values of norm 1, if they are not all 0.
fn unit(values: Vec<f32>) -> Vec<f32> {
    let norm = values.iter().map(|v| v * v).sum::<f32>().sqrt();
    let values = values.into_iter();
    values.map(|v| v / norm.max(f32::MIN_POSITIVE)).collect()
}

fn trained(trainer: Trainer, settings: &TrainSettings) -> Vec<NamedTensor> {
    let tasks = random_tasks(trainer.plan(), 32, 8);
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

/// Experts of all tasks, and of each task.
#[multitask(input = 12)]
struct Cgc {
    #[routed(2, gate, private = 1)]
    experts: AnyOf<(Identity, (Linear<12, 12>, Tanh))>,
    #[head(classes = 3)]
    head: Linear<12, 3>,
}

/// A method says nothing about gates, and nothing happens to one that is chosen.
#[test]
fn a_method_without_effect_is_refused() {
    for method in [Method::NoSharing, Method::SharedBottom] {
        let router = RouterSettings::default().method(method);
        let settings = TrainSettings::default().router(router);
        let error = Trainer::new(&Cgc::NETWORK, &settings, &TASKS, 1).unwrap_err();
        assert!(matches!(
            &error,
            Error::Network(NetworkError::MethodOfGates { .. })
        ));
        assert_eq!(
            error.to_string(),
            format!(
                "gates weigh all routed fields of `Cgc`, so the method {method} would have no effect; leave it out"
            )
        );
        // Beside gates a field has a router.
        assert!(Trainer::new(&Net::NETWORK, &settings, &TASKS, 1).is_ok());
    }
    // Only fields that have settings are named.
    let of_field = RouterSettings::default().field("stem", RouterOverride::default());
    let settings = TrainSettings::default().router(of_field);
    let error = Trainer::new(&Net::NETWORK, &settings, &TASKS, 1).unwrap_err();
    assert!(error.to_string().ends_with("choose `routed`"), "{error}");
}

/// What a task could use is what all see and its own.
#[test]
fn the_whole_of_a_network_is_what_one_task_could_use() {
    let plan = Plan::new(&Cgc::NETWORK, &TASKS).unwrap();
    let (expert, gate) = (12 * 12 + 12, 6 * 12 + 6);
    let whole = Usage::whole(&plan);
    assert_eq!(whole.parameters, 3 * expert + gate);
    assert_eq!(whole.multiply_adds, 3 * 12 * 12 + 6 * 12);
    let trainer = Trainer::new(&Cgc::NETWORK, &TrainSettings::default(), &TASKS, 1).unwrap();
    for task in 0..2 {
        assert_eq!(trainer.usage(task), whole);
    }
}

/// `experts.0`, which has no parameters, is one of the components.
#[test]
fn components_without_parameters_have_a_path() {
    let made = |freeze: &str| {
        let settings = TrainSettings::default().freeze(freeze);
        Trainer::new(&Cgc::NETWORK, &settings, &TASKS, 1)
    };
    // Two of each alternative for all tasks, then one of each for every task.
    let start = made("experts.0,experts.1,experts.2,experts.3").unwrap();
    let frozen = start.parameters();
    let end = trained(start, &settings());
    for (before, after) in frozen.iter().zip(&end) {
        let is_frozen =
            before.path.starts_with("experts.2.") || before.path.starts_with("experts.3.");
        assert_eq!(before.values == after.values, is_frozen, "{}", before.path);
    }
    for path in [
        "experts.8",
        "experts.00",
        "experts.+1",
        "experts.0.0",
        "experts.",
    ] {
        let error = made(path).unwrap_err();
        assert!(
            matches!(error, Error::UnknownPath { .. }),
            "{path}: {error}"
        );
    }
}

/// At run time in the words in which the macro refuses it.
#[test]
fn gates_read_no_indices() {
    let indices = <(Embedding<9, 4>, Flatten2D) as Layer>::SPEC;
    let built = Network::builder("Net", Dims::features(2))
        .gated("experts", (3, 0), indices)
        .head("head", Outputs::Equal(2), Loss::SoftmaxCrossEntropy)
        .build();
    let said = "`Embedding` in `experts` looks up indices, which its gates would read as values; write a field of its own for the embedding before `experts`";
    assert_eq!(built.unwrap_err().to_string(), said);
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
