//! Tasks whose data say what they are, with weights of classes and tasks.

use std::sync::Arc;

use paramalloc_core::data::{Examples, FloatInputs, Targets, Task};
use paramalloc_core::engine::tape::TypedNetwork;
use paramalloc_core::error::{Error, NetworkError};
use paramalloc_core::network::{TaskHead, TaskOutputs};
use paramalloc_core::prelude::*;
use paramalloc_core::train::NamedTensor;
use tests::compare::{assert_close, assert_equal};
use tests::engines::Kind;

use crate::generated::Mixed;
use crate::learns::{agrees, learns};

const FEATURES: usize = 12;

/// Whatever the tasks are.
#[multitask(input = FEATURES)]
struct Any {
    #[routed(3)]
    dense: (Linear<FEATURES, 24>, ReLU),
    #[head(from_data)]
    head: PerTaskLinear<24>,
}

/// The same with the tasks fixed.
#[multitask(input = FEATURES)]
struct Fixed {
    #[routed(3)]
    dense: (Linear<FEATURES, 24>, ReLU),
    #[head(tasks = [classes(3, loss = Focal), values(2), labels(4), value])]
    head: PerTaskLinear<24>,
}

fn tasks() -> Vec<Task> {
    let made = Mixed::new(240, FEATURES, 4);
    let inputs = Arc::new(FloatInputs::new(FEATURES, made.inputs.clone()).unwrap());
    let values = |number, width| Examples::new(inputs.clone(), made.values(number, width)).unwrap();
    let classes = Examples::new(inputs.clone(), made.classes(0, 3)).unwrap();
    let labels = Examples::new(inputs.clone(), made.labels(2, 4)).unwrap();
    vec![
        Task::new("classes", 3, classes).loss(Loss::Focal),
        Task::new("values", 2, values(1, 2)),
        Task::new("labels", 4, labels).loss(Loss::BinaryCrossEntropy),
        Task::new("value", 1, values(3, 1)).weight(0.5),
    ]
}

fn gradient<N: TypedNetwork>(kind: Kind, tasks: &[Task], task: usize) -> Vec<NamedTensor> {
    let settings = TrainSettings::default().seed(2);
    let mut trainer = kind.trainer_of::<N, Task>(&settings, tasks).unwrap();
    let train = &tasks[task].train;
    let mut inputs = vec![0.0; 9 * FEATURES];
    for (i, input) in inputs.chunks_exact_mut(FEATURES).enumerate() {
        train.write_input(i, None, input);
    }
    let first = train.first(9);
    let step = trainer.task_step(task, &inputs, first.weighted_targets());
    step.unwrap();
    trainer.gradient()
}

#[test]
fn the_data_say_kind_and_width() {
    let tasks = tasks();
    let fixed = gradient::<Fixed>(Kind::Cpu(1), &tasks, 0);
    assert_equal("fixed", &gradient::<Any>(Kind::Cpu(1), &tasks, 0), &fixed);
    agrees::<Any>(&tasks);
    learns::<Any>(&tasks, 200);
    let built = Network::builder("Any", Dims::features(FEATURES))
        .routed("dense", 3, <(Linear<FEATURES, 24>, ReLU) as Layer>::SPEC)
        .head_from_data("head")
        .build();
    assert_eq!(built.unwrap(), Any::NETWORK);
    let of = TaskOutputs::new;
    let built = Network::builder("Fixed", Dims::features(FEATURES))
        .routed("dense", 3, <(Linear<FEATURES, 24>, ReLU) as Layer>::SPEC)
        .head_of_tasks(
            "head",
            vec![
                of(3, Loss::Focal),
                TaskOutputs::values(2),
                TaskOutputs::labels(4),
                TaskOutputs::values(1),
            ],
        )
        .build();
    assert_eq!(built.unwrap(), Fixed::NETWORK);
    assert_eq!(Fixed::NETWORK.tasks, Some(4));
    for network in [Any::NETWORK, Fixed::NETWORK] {
        let text = serde_json::to_string(&network).unwrap();
        assert_eq!(serde_json::from_str::<Network>(&text).unwrap(), network);
    }
}

#[test]
fn class_weights_are_weights_of_examples() {
    let mut tasks = tasks();
    let plain = tasks[0].train.clone();
    let of_class = [2.0, 0.5, 1.0];
    let made = Mixed::new(240, FEATURES, 4);
    let weights = made.classes(0, 3).into_iter();
    let weights = weights.map(|class| of_class[usize::from(class)]);
    tasks[0].train = plain.clone().weighted(weights.collect()).unwrap();
    let by_example = gradient::<Any>(Kind::Cpu(1), &tasks, 0);
    tasks[0].train = plain;
    tasks[0].class_weights = of_class.to_vec();
    for kind in [Kind::Cpu(1), Kind::Tape] {
        let by_class = gradient::<Any>(kind, &tasks, 0);
        match kind {
            Kind::Tape => assert_close("tape", &by_class, &by_example, 1e-5, 1e-6),
            _ => assert_equal("cpu", &by_class, &by_example),
        }
    }
    let mut trainer = Trainer::new(&Any::NETWORK, &TrainSettings::default(), &tasks, 1).unwrap();
    let weighted = trainer.evaluate(0, &tasks[0].train).unwrap().loss;
    tasks[0].class_weights.clear();
    let mut trainer = Trainer::new(&Any::NETWORK, &TrainSettings::default(), &tasks, 1).unwrap();
    assert!(weighted != trainer.evaluate(0, &tasks[0].train).unwrap().loss);
}

/// A weight of a label counts where an example has it; where it lacks it, 1.
#[test]
fn weights_of_labels_are_weights_of_those_who_have_them() {
    let weights = [3.0_f32, 1.0, 0.5, 0.0];
    let mut tasks = tasks();
    let plain = gradient::<Any>(Kind::Cpu(1), &tasks, 2);
    tasks[2].class_weights = vec![1.0; 4];
    assert_close(
        "ones",
        &gradient::<Any>(Kind::Cpu(1), &tasks, 2),
        &plain,
        1e-6,
        1e-6,
    );
    tasks[2].class_weights = weights.to_vec();
    let cpu = gradient::<Any>(Kind::Cpu(1), &tasks, 2);
    assert_close(
        "tape",
        &gradient::<Any>(Kind::Tape, &tasks, 2),
        &cpu,
        1e-5,
        1e-6,
    );
    let mut trainer = Trainer::new(&Any::NETWORK, &TrainSettings::default(), &tasks, 1).unwrap();
    let train = &tasks[2].train;
    let logits = trainer.predict(2, train).unwrap();
    let Targets::Values(labels) = train.targets() else {
        panic!("labels");
    };
    let (mut sum, mut all) = (0.0, 0.0);
    for (i, (&z, &y)) in logits.iter().zip(labels).enumerate() {
        let weight = if y == 1.0 { weights[i % 4] } else { 1.0 };
        let (z, y, weight) = (f64::from(z), f64::from(y), f64::from(weight));
        sum += weight * (z.max(0.0) - z * y + (-z.abs()).exp().ln_1p());
        all += weight;
    }
    let loss = trainer.evaluate(2, train).unwrap().loss;
    assert!((loss - sum / all).abs() < 1e-6, "{loss}, {}", sum / all);
}

#[test]
fn the_weight_of_a_task_multiplies_its_loss_and_gradient() {
    let mut tasks = tasks();
    let half = gradient::<Any>(Kind::Cpu(1), &tasks, 3);
    tasks[3].weight = 1.0;
    let mut whole = gradient::<Any>(Kind::Cpu(1), &tasks, 3);
    for tensor in whole.iter_mut() {
        tensor.values.iter_mut().for_each(|value| *value /= 2.0);
    }
    assert_close("half", &half, &whole, 1e-6, 1e-6);
}

#[test]
fn what_tasks_cannot_ask_is_refused() {
    let refused = |network: &Network, change: &dyn Fn(&mut Vec<Task>)| {
        let mut tasks = tasks();
        change(&mut tasks);
        let refused = Trainer::new(network, &TrainSettings::default(), &tasks, 1);
        match refused.unwrap_err() {
            Error::Network(error) => error,
            other => panic!("{other}"),
        }
    };
    let fixed = refused(&Fixed::NETWORK, &|tasks| tasks[1].loss = Some(Loss::Huber));
    assert_eq!(
        fixed.to_string(),
        "task 1 asks for the loss huber, but the head `head` of `Fixed` says mean_squared_error for it; leave one of the two out"
    );
    let wide = refused(&Fixed::NETWORK, &|tasks| tasks[2].outputs = 5);
    assert!(matches!(
        wide,
        NetworkError::HeadWidth {
            task: 2,
            found: 5,
            declared: Some(4),
            ..
        }
    ));
    let weight = refused(&Any::NETWORK, &|tasks| tasks[3].weight = 0.0);
    assert_eq!(
        weight,
        NetworkError::TaskWeight {
            task: 3,
            weight: 0.0
        }
    );
    let classes = |task: usize, weights: &[f32]| {
        let error = refused(&Any::NETWORK, &|tasks| {
            tasks[task].class_weights = weights.to_vec()
        });
        error.to_string()
    };
    assert!(
        classes(1, &[1.0, 2.0]).ends_with("its loss mean_squared_error tells no classes apart")
    );
    assert!(classes(0, &[1.0]).contains("1 weights are given for 3 classes"));
    assert!(classes(0, &[1.0, -1.0, 1.0]).contains("class 1 weighs -1"));
    assert!(classes(0, &[0.0; 3]).contains("every class weighs 0"));
    let unknown = Trainer::new(
        &Any::NETWORK,
        &TrainSettings::default(),
        &[TaskHead::new(2)],
        1,
    );
    assert!(
        unknown
            .unwrap_err()
            .to_string()
            .contains("those of task 0 name none")
    );
}
