//! Steps on a batch that serves all tasks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use paramalloc_core::data::{Examples, FloatInputs, MISSING_CLASS, OwnedTargets, Targets, Task};
use paramalloc_core::engine::tape::TypedNetwork;
use paramalloc_core::layers::{Activations, FlatParameter, ShapeRule};
use paramalloc_core::penalty::Penalties;
use paramalloc_core::prelude::dfdx::prelude::{Device, Tape};
use paramalloc_core::prelude::*;
use paramalloc_core::routing::{Method, RouterSettings};
use paramalloc_core::train::{NamedTensor, Noise, TrainSettings, Trainer};
use tests::compare::{assert_close, assert_equal, bits, flat};
use tests::engines::Kind;

use crate::generated::{Mixed, lose};

const SIZE: usize = 6;
const BATCH: usize = 21;

/// All that tasks may have in common or not: shared fields with and without
/// operations, components that do nothing, large dense layers, private fields and
/// heads of several layers, dropout.
#[multitask(input = (1, SIZE, SIZE))]
struct Everything {
    stem: (Conv2D<1, 4, 3, 1, Same>, GroupNorm<4, 2>, ReLU, Dropout<10>),
    same: Identity,
    #[routed(2)]
    block: AnyOf<(
        (Conv2D<4, 4, 3, 1, Same>, ReLU),
        Identity,
        Residual<(Conv2D<4, 4, 3, 1, Same>, SiLU)>,
    )>,
    flatten: Flatten2D,
    shared: (Linear<144, 230>, ReLU),
    #[routed(3)]
    dense: (Linear<230, 24>, ReLU),
    #[private]
    nothing: Identity,
    #[private]
    own: (Linear<24, 24>, ReLU, Dropout<20>),
    #[head(tasks = [classes(3), value, labels(2)])]
    head: (Linear<24, 12>, SiLU, PerTaskLinear<12>),
}

/// Routed fields below nothing that learns, and above nothing else.
#[multitask(input = (1, SIZE, SIZE))]
struct AtOnce {
    flatten: Flatten2D,
    #[routed(3)]
    dense: Linear<36, 8>,
    #[head(tasks = [classes(3), value, labels(2)])]
    head: PerTaskLinear<8>,
}

struct Made {
    inputs: Vec<f32>,
    targets: Vec<OwnedTargets>,
}

impl Made {
    fn new() -> Self {
        let mixed = Mixed::images(BATCH, (1, SIZE), 3);
        let mut classes = mixed.classes(0, 3);
        classes[4] = MISSING_CLASS;
        let (mut values, mut labels) = (mixed.values(1, 1), mixed.labels(2, 2));
        lose(&mut values, 0.5, 0);
        lose(&mut labels, 0.3, 1);
        let targets = vec![classes.into(), values.into(), labels.into()];
        Self {
            inputs: mixed.inputs,
            targets,
        }
    }

    fn targets(&self) -> Vec<Targets<'_>> {
        self.targets.iter().map(OwnedTargets::borrowed).collect()
    }

    fn tasks(&self) -> Vec<Task> {
        let inputs = Arc::new(FloatInputs::new(SIZE * SIZE, self.inputs.clone()).unwrap());
        let outputs = [3, 1, 2].iter().zip(&self.targets);
        let task = |(&outputs, targets): (&usize, &OwnedTargets)| {
            let examples = Examples::new(inputs.clone(), targets.clone()).unwrap();
            Task::new(format!("of {outputs}"), outputs, examples)
        };
        outputs.map(task).collect()
    }

    fn trainer<N: TypedNetwork>(&self, kind: Kind, settings: &TrainSettings) -> Trainer {
        let mut tasks = self.tasks();
        tasks[2] = tasks[2].clone().loss(Loss::BinaryCrossEntropy).weight(2.0);
        kind.trainer_of::<N, Task>(settings, &tasks).unwrap()
    }
}

fn settings(method: Method) -> TrainSettings {
    let router = RouterSettings::default().method(method).probs_init(0.6);
    TrainSettings::default().seed(8).router(router)
}

/// Random choices of a step on three tasks.
fn noise(trainer: &Trainer) -> Noise {
    let value = |i: usize| (i * 7919 % 1000) as f32 / 1000.0;
    let dropouts = trainer.plan().dropouts.iter();
    let mask = |len: usize| (0..len).map(|i| f32::from(u8::from(i % 5 > 0))).collect();
    Noise {
        uniforms: (0..3 * trainer.routers().uniform_len())
            .map(value)
            .collect(),
        masks: dropouts
            .map(|dropout| mask(BATCH * dropout.values))
            .collect(),
    }
}

/// Of one of three tasks.
fn noise_of(noise: &Noise, task: usize) -> Noise {
    let len = noise.uniforms.len() / 3;
    Noise {
        uniforms: noise.uniforms[task * len..][..len].to_vec(),
        masks: noise.masks.clone(),
    }
}

/// The gradient of a step on all tasks is the sum of those of the tasks, whatever
/// they have in common.
fn is_the_sum<N: TypedNetwork>(kind: Kind, method: Method) {
    let (made, settings) = (Made::new(), settings(method));
    let mut trainer = made.trainer::<N>(kind, &settings);
    let noise = noise(&trainer);
    let targets = made.targets();
    let mut sum: Option<Vec<NamedTensor>> = None;
    let mut losses = Vec::new();
    for (task, &targets) in targets.iter().enumerate() {
        let own = noise_of(&noise, task);
        let report = trainer.compute(task, &made.inputs, targets, &own).unwrap();
        losses.push(report.task_loss);
        let gradient = trainer.gradient();
        sum = Some(match sum {
            None => gradient,
            Some(mut sum) => {
                for (sum, own) in sum.iter_mut().zip(gradient) {
                    let values = sum.values.iter_mut().zip(own.values);
                    values.for_each(|(sum, value)| *sum += value);
                }
                sum
            }
        });
    }
    let reports = trainer.compute_all(&made.inputs, &targets, &noise).unwrap();
    let name = format!("{}, {kind:?}, {method}", N::NETWORK.name);
    for (report, loss) in reports.iter().zip(losses) {
        let error = (report.task_loss - loss).abs();
        assert!(error <= 1e-6 * loss, "{name}: {error} of {loss}");
    }
    assert_close(&name, &trainer.gradient(), &sum.unwrap(), 1e-5, 1e-4);
}

#[test]
fn the_gradient_is_the_sum_of_the_tasks() {
    for kind in [Kind::Cpu(1), Kind::Cpu(2), Kind::Tape] {
        is_the_sum::<Everything>(kind, Method::GumbelMatrix);
        is_the_sum::<AtOnce>(kind, Method::GumbelMatrix);
        is_the_sum::<AtOnce>(kind, Method::NoSharing);
    }
    is_the_sum::<Everything>(Kind::Cpu(2), Method::SharedBottom);
}

/// Threads change no bit, and steps on all tasks may follow steps on one.
#[test]
fn steps_of_both_kinds_go_together() {
    let made = Made::new();
    let settings = settings(Method::GumbelMatrix).clip_norm(0.5);
    let train = |threads: usize| {
        let mut trainer = made.trainer::<Everything>(Kind::Cpu(threads), &settings);
        for round in 0..3 {
            let reports = trainer.step_all(&made.inputs, &made.targets()).unwrap();
            assert!(reports.iter().all(|report| report.task_loss > 0.0));
            trainer
                .task_step(round, &made.inputs, made.targets()[round])
                .unwrap();
        }
        assert_eq!((trainer.global_step(), trainer.updates()), (12, 6));
        bits(&flat(&trainer.parameters()))
    };
    let one = train(1);
    assert!(train(2) == one && train(3) == one);
}

#[test]
fn penalties_count_once_or_for_each_task() {
    let made = Made::new();
    let mut settings = settings(Method::GumbelMatrix);
    settings.penalties = Penalties::default()
        .l2_penalty(0.01)
        .connection_penalty(0.1);
    let mut trainer = made.trainer::<Everything>(Kind::Cpu(1), &settings);
    let reports = trainer.step_all(&made.inputs, &made.targets()).unwrap();
    let of = |name: &str| -> Vec<f64> {
        let values = reports.iter().map(|r| r.penalties.get(name).unwrap());
        values.collect()
    };
    let l2 = of("l2");
    assert!(l2[0] > 0.0 && l2[1..] == [0.0; 2]);
    // Nine connections of probability 0.6.
    let connection = of("connection");
    let is_right = |value: &f64| (value - 0.1 * 9.0 * 0.6).abs() < 1e-5;
    assert!(connection.iter().all(is_right), "{connection:?}");
}

/// A task without labels has no part in a step.
#[test]
fn labels_that_are_missing_weigh_nothing() {
    let mut made = Made::new();
    let settings = settings(Method::GumbelMatrix);
    made.targets[0] = vec![MISSING_CLASS; BATCH].into();
    let two = made.trainer::<Everything>(Kind::Cpu(1), &settings);
    let noise = noise(&two);
    let gradient = |made: &Made| {
        let mut trainer = made.trainer::<Everything>(Kind::Cpu(1), &settings);
        let reports = trainer.compute_all(&made.inputs, &made.targets(), &noise);
        let losses: Vec<f64> = reports.unwrap().iter().map(|r| r.task_loss).collect();
        (losses, trainer.gradient())
    };
    let (losses, gradient_of_two) = gradient(&made);
    assert!(losses[0] == 0.0 && losses[1] > 0.0);
    let own = gradient_of_two
        .iter()
        .filter(|tensor| tensor.path.starts_with("own.0"));
    assert!(own.clone().count() == 2 && own.clone().all(|t| t.values.iter().all(|&v| v == 0.0)));
    made.targets[1] = vec![f32::NAN; BATCH].into();
    made.targets[2] = vec![f32::NAN; 2 * BATCH].into();
    let (losses, gradient_of_none) = gradient(&made);
    assert_eq!(losses, [0.0; 3]);
    let mut nothing = gradient_of_none.clone();
    nothing
        .iter_mut()
        .for_each(|tensor| tensor.values.fill(0.0));
    assert_equal("nothing", &gradient_of_none, &nothing);
}

static RUNS: AtomicUsize = AtomicUsize::new(0);

/// Counts how often it runs.
#[derive(Debug)]
struct Counted;

impl CustomLayer for Counted {
    const NAME: &'static str = "Counted";
    const RULE: ShapeRule = ShapeRule::Keep;

    fn forward<D: Device<f32>, T: Tape<f32, D>>(
        x: Activations<D, T>,
        _: Vec<FlatParameter<D, T>>,
    ) -> Activations<D, T> {
        RUNS.fetch_add(1, Ordering::Relaxed);
        x * 1.0
    }
}

impl Layer for Counted {
    const SPEC: Spec = Spec::custom::<Counted>();
}

#[multitask(input = 4)]
struct Counting {
    shared: (Linear<4, 4>, Counted),
    #[routed(2)]
    dense: (Linear<4, 4>, Counted),
    #[head(tasks = [labels(1); 5])]
    head: PerTaskLinear<4>,
}

#[test]
fn what_tasks_share_is_computed_once() {
    let settings = settings(Method::GumbelMatrix).learning_rate(1e-6);
    let mut trainer = Trainer::new(&Counting::NETWORK, &settings, &[1; 5], 1).unwrap();
    let (inputs, labels) = ([0.5; 8 * 4], [1.0; 8]);
    let targets = [Targets::Values(&labels); 5];
    let mut runs = |work: &mut dyn FnMut(&mut Trainer)| {
        RUNS.store(0, Ordering::Relaxed);
        work(&mut trainer);
        RUNS.load(Ordering::Relaxed)
    };
    let one = runs(&mut |trainer| {
        trainer.task_step(0, &inputs, targets[0]).unwrap();
    });
    let all = runs(&mut |trainer| {
        trainer.step_all(&inputs, &targets).unwrap();
    });
    // Once for one group of eight, of which one layer is shared and two are
    // components; backward a layer runs again, if it has a weight other than 0.
    assert!((3..=6).contains(&one), "{one}");
    assert!((3..=6).contains(&all), "{all}");
}

#[test]
fn targets_are_those_of_all_tasks() {
    let made = Made::new();
    let mut trainer = made.trainer::<Everything>(Kind::Cpu(1), &settings(Method::GumbelMatrix));
    let two = &made.targets()[..2];
    let error = trainer.step_all(&made.inputs, two).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a step on all tasks has targets of 2 tasks, but there are 3; give those of each task, NaN or `MISSING_CLASS` where a label is missing"
    );
    assert_eq!(trainer.global_step(), 0);
}
