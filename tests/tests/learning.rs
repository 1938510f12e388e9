//! Small tasks that must be learned, and what each setting does to training.

use paramalloc_core::data::Task;
use paramalloc_core::network::plan::Plan;
use paramalloc_core::optim::AdamSettings;
use paramalloc_core::prelude::*;
use paramalloc_core::random::{Purpose, Random};
use paramalloc_core::routing::{Method, ProbsInit, RouterSettings};
use paramalloc_core::train::{TrainSettings, Trainer};
use tests::compare::{bits, flat};
use tests::engines::Kind;
use tests::made::{Made, Run, random_tasks, task};
use tests::networks::Synthetic;

const FEATURES: usize = 10;
const CLASSES: usize = 3;
const TASKS: usize = 4;

/// Two routed dense layers over four tasks.
#[multitask(input = FEATURES, tasks = TASKS)]
struct Net {
    #[routed(TASKS)]
    dense1: (Linear<FEATURES, 16>, ReLU),
    #[routed(TASKS)]
    dense2: (Linear<16, 16>, ReLU),
    #[head(classes = CLASSES)]
    head: Linear<16, CLASSES>,
}

const OUTPUTS: [usize; TASKS] = [CLASSES; TASKS];

/// Tasks 0 and 1 are related, and so are 2 and 3: the class is the largest of
/// three directions, which a pair shares up to a little.
fn tasks() -> Vec<Task> {
    let random = Random::new(11);
    (0..TASKS)
        .map(|index| {
            let pair = index as u64 / 2;
            let directions = normals(random, 1 + pair, CLASSES * FEATURES);
            let own = normals(random, 10 + index as u64, CLASSES * FEATURES);
            let directions: Vec<f32> = (directions.iter().zip(&own))
                .map(|(shared, own)| shared + 0.3 * own)
                .collect();
            let made = |count: usize, stream: u64| {
                let inputs = normals(random, stream + index as u64, count * FEATURES);
                Made {
                    classes: inputs
                        .chunks_exact(FEATURES)
                        .map(|x| largest(&directions, x))
                        .collect(),
                    input_len: FEATURES,
                    inputs,
                    values: Vec::new(),
                }
            };
            task(index, CLASSES, made(1000, 100), made(1000, 200))
        })
        .collect()
}

/// Sums of four uniform numbers: near enough to normal.
fn normals(random: Random, stream: u64, len: usize) -> Vec<f32> {
    let mut stream = random.stream(Purpose::Data, stream, 0);
    let mut value = || stream.uniform_in(-1.0, 1.0);
    (0..len)
        .map(|_| value() + value() + value() + value())
        .collect()
}

fn largest(directions: &[f32], x: &[f32]) -> u16 {
    let score = |d: &[f32]| -> f32 { d.iter().zip(x).map(|(d, x)| d * x).sum() };
    let scores: Vec<f32> = directions.chunks_exact(FEATURES).map(score).collect();
    let best = (0..CLASSES).max_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    best.expect("three classes") as u16
}

fn settings(method: Method) -> TrainSettings {
    let mut settings = TrainSettings::default().seed(1).steps_per_task(300).router(
        RouterSettings::default()
            .method(method)
            .temperature_init(5.0),
    );
    settings.learning_rate = 5e-3;
    settings
}

/// A whole run of [`Net`].
fn train<'a>(settings: &TrainSettings, tasks: &'a [Task]) -> Run<'a> {
    let trainer = Trainer::new(&Net::NETWORK, settings, &OUTPUTS, 1).unwrap();
    let mut run = Run::new(trainer, tasks, settings);
    run.steps(run.trainer.total_task_steps() as usize);
    run
}

/// Connection probabilities of a task in all layers.
fn probabilities(trainer: &Trainer, task: usize) -> Vec<f64> {
    let mut probabilities = vec![0.0; trainer.routers().component_len()];
    trainer
        .routers()
        .task_probabilities(task, &mut probabilities);
    probabilities.into_iter().map(f64::from).collect()
}

/// The mean of a function of the probabilities of all tasks.
fn mean(trainer: &Trainer, function: impl Fn(&[f64]) -> f64) -> f64 {
    let values = (0..TASKS).map(|task| function(&probabilities(trainer, task)));
    values.sum::<f64>() / TASKS as f64
}

fn share(probabilities: &[f64]) -> f64 {
    probabilities.iter().sum::<f64>() / probabilities.len() as f64
}

fn entropy(probabilities: &[f64]) -> f64 {
    let entropy = |&p: &f64| -p * p.ln() - (1.0 - p) * (1.0 - p).ln();
    probabilities.iter().map(entropy).sum()
}

/// `sum over layers of prod (1 - P)`.
fn disconnect(probabilities: &[f64]) -> f64 {
    let layers = probabilities.chunks_exact(TASKS);
    layers
        .map(|l| l.iter().map(|p| 1.0 - p).product::<f64>())
        .sum()
}

#[test]
fn all_methods_learn() {
    let tasks = tasks();
    for method in Method::ALL {
        let mut run = train(&settings(method), &tasks);
        for (index, task) in tasks.iter().enumerate() {
            let test = &task.evaluation[0].1;
            let evaluation = run.trainer.evaluate(index, test).unwrap();
            // Chance is a third.
            let learned = evaluation.metric > Some(0.8);
            assert!(learned, "{method}, task {index}: {evaluation:?}");
        }
    }
}

#[test]
fn regression_learns() {
    let plan = Plan::new(&Synthetic::NETWORK, &[1; 4]).unwrap();
    let weights = normals(Random::new(2), 0, 12);
    let tasks: Vec<Task> = (0..4)
        .map(|index| {
            let made = |stream: u64| {
                let inputs = normals(Random::new(3), stream + index as u64, 500 * 12);
                let value = |x: &[f32]| -> f32 { x.iter().zip(&weights).map(|(x, w)| x * w).sum() };
                Made {
                    values: inputs.chunks_exact(12).map(|x| 0.3 * value(x)).collect(),
                    input_len: plan.input.len(),
                    inputs,
                    classes: Vec::new(),
                }
            };
            task(index, 1, made(0), made(100))
        })
        .collect();
    let settings = settings(Method::GumbelMatrix);
    let trainer = Trainer::new(&Synthetic::NETWORK, &settings, &[1; 4], 1).unwrap();
    let mut run = Run::new(trainer, &tasks, &settings);
    let evaluate = |run: &mut Run<'_>| -> f64 {
        let tests = tasks.iter().map(|t| &t.evaluation[0].1).enumerate();
        tests
            .map(|(i, test)| run.trainer.evaluate(i, test).unwrap().loss)
            .sum()
    };
    let before = evaluate(&mut run);
    run.steps(1200);
    let after = evaluate(&mut run);
    assert!(after < 0.1 * before, "{before}, then {after}");
}

#[test]
fn a_budget_is_kept() {
    let tasks = tasks();
    let mut settings = settings(Method::GumbelMatrix);
    settings.router.probs_init = ProbsInit::Same(0.9);
    let free = train(&settings, &tasks);
    settings.penalties.budget = 0.5;
    settings.penalties.budget_penalty = 20.0;
    let mut kept = train(&settings, &tasks);
    for (index, task) in tasks.iter().enumerate() {
        let share = |run: &Run<'_>| share(&probabilities(&run.trainer, index));
        assert!(share(&free) > 0.55, "task {index}: {}", share(&free));
        // Around the budget the penalty comes and goes.
        assert!(share(&kept) < 0.51, "task {index}: {}", share(&kept));
        let test = &task.evaluation[0].1;
        let accuracy = kept.trainer.evaluate(index, test).unwrap().metric.unwrap();
        assert!(accuracy > 0.7, "task {index}: {accuracy}");
    }
}

/// Values and effects of the terms on the connection probabilities.
#[test]
fn each_penalty_does_what_it_says() {
    let tasks = tasks();
    let mut plain = settings(Method::GumbelMatrix);
    plain.steps_per_task = 150;
    plain.router.probs_init = ProbsInit::Same(0.3);
    plain.router_learning_rate = Some(0.02);
    let without = train(&plain, &tasks);

    let with = |change: fn(&mut TrainSettings)| {
        let mut settings = plain.clone();
        change(&mut settings);
        train(&settings, &tasks)
    };
    let connection = with(|s| s.penalties.connection_penalty = 0.1);
    let (a, b) = (
        mean(&connection.trainer, share),
        mean(&without.trainer, share),
    );
    assert!(a < b - 0.1, "connection: {a} with, {b} without");
    let connected = with(|s| s.penalties.disconnect_penalty = 1.0);
    let (a, b) = (
        mean(&connected.trainer, disconnect),
        mean(&without.trainer, disconnect),
    );
    assert!(a < 0.5 * b, "disconnect: {a} with, {b} without");
    let certain = with(|s| s.penalties.entropy_penalty = 1.0);
    let (a, b) = (
        mean(&certain.trainer, entropy),
        mean(&without.trainer, entropy),
    );
    assert!(a < 0.5 * b, "entropy: {a} with, {b} without");
}

#[test]
fn the_losses_are_those_of_the_method() {
    let tasks = tasks();
    let mut settings = settings(Method::GumbelMatrix);
    settings.router.probs_init = ProbsInit::Same(0.7);
    settings.penalties = paramalloc_core::penalty::Penalties::default()
        .budget(0.4)
        .budget_penalty(2.0)
        .connection_penalty(0.3)
        .disconnect_penalty(0.5)
        .entropy_penalty(0.25)
        .entropy_penalty_alpha(2.0)
        .l2_penalty(0.01);
    let trainer = Trainer::new(&Net::NETWORK, &settings, &OUTPUTS, 1).unwrap();
    let weights: Vec<f32> = (trainer.parameters().iter())
        .filter(|t| t.path.ends_with(".weight"))
        .flat_map(|t| t.values.clone())
        .collect();
    let squares: f64 = weights.iter().map(|&w| f64::from(w).powi(2)).sum();
    let mut run = Run::new(trainer, &tasks, &settings);
    run.trainer.set_global_step(600);
    let report = run.step();
    let value = |name: &str| report.penalties.get(name).expect(name);
    let near = |what: &str, got: f64, wanted: f64| {
        assert!((got - wanted).abs() < 1e-5, "{what}: {got}, not {wanted}");
    };
    // Eight components of probability 0.7 in two layers; half of 1200 steps.
    near("budget", value("budget"), 2.0 * (0.7 - 0.4));
    near("connection", value("connection"), 0.3 * 8.0 * 0.7);
    near(
        "disconnect",
        value("disconnect"),
        0.5 * 2.0 * 0.3_f64.powi(4),
    );
    near(
        "entropy",
        value("entropy"),
        0.25 * 0.5_f64.powi(2) * entropy(&[0.7; 8]),
    );
    near("L2", value("l2"), 0.01 * squares / 2.0);
    near(
        "sum",
        report.auxiliary_loss(),
        report.penalties.iter().map(|(_, v)| v).sum(),
    );
}

#[test]
fn l2_keeps_weights_small() {
    let tasks = tasks();
    let mut settings = settings(Method::SharedBottom);
    let squares = |run: &Run<'_>| -> f64 {
        let parameters = run.parameters();
        let weights = parameters.iter().filter(|t| t.path.ends_with(".weight"));
        weights
            .flat_map(|t| &t.values)
            .map(|&v| f64::from(v).powi(2))
            .sum()
    };
    let without = squares(&train(&settings, &tasks));
    settings.penalties.l2_penalty = 0.01;
    let with = squares(&train(&settings, &tasks));
    assert!(with < 0.5 * without, "{with} with, {without} without");
}

/// Under an epsilon much larger than any gradient the first update of Adam is
/// `lr sqrt(1 - beta2) g / epsilon`, so that its norm shows the gradient's.
#[test]
fn clipping_limits_the_norm_of_all_gradients_together() {
    let tasks = tasks();
    let mut settings = settings(Method::GumbelMatrix);
    settings.penalties.connection_penalty = 0.1;
    settings.optimizer = AdamSettings::default().epsilon(1e6).into();
    settings.learning_rate = 1e6 / 0.001_f64.sqrt();
    for kind in [Kind::Cpu(1), Kind::Tape] {
        let first_step = |clip_norm: Option<f64>| {
            let mut settings = settings.clone();
            settings.clip_norm = clip_norm;
            let trainer = kind.trainer::<Net>(&settings, &OUTPUTS).unwrap();
            let before = flat(&trainer.parameters());
            let mut run = Run::new(trainer, &tasks, &settings);
            run.step();
            let update = tests::compare::difference(&before, &flat(&run.parameters()));
            let gradient = flat(&run.trainer.gradient());
            (
                tests::compare::norm(&update),
                tests::compare::norm(&gradient),
            )
        };
        let (update, gradient) = first_step(None);
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-3 * b, "{kind:?}: {a}, not {b}");
        near(update, gradient);
        near(first_step(Some(0.5 * gradient)).0, 0.5 * gradient);
        near(first_step(Some(0.1 * gradient)).0, 0.1 * gradient);
        near(first_step(Some(2.0 * gradient)).0, gradient);
    }
}

/// A NaN or an infinity in the data, or a loss that overflows, is an error
/// that names task and step, and nothing has moved.
#[test]
fn what_is_not_finite_is_an_error_and_changes_nothing() {
    let plan = Plan::new(&Net::NETWORK, &OUTPUTS).unwrap();
    let tasks = random_tasks(&plan, 16, 16);
    let settings = settings(Method::GumbelMatrix);
    for kind in [Kind::Cpu(2), Kind::Tape, Kind::Composed] {
        let trainer = kind.trainer::<Net>(&settings, &OUTPUTS).unwrap();
        let mut run = Run::new(trainer, &tasks, &settings);
        run.steps(3);
        let before = bits(&flat(&run.parameters()));
        let good = &tasks[2].train;
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut inputs = vec![0.0; 16 * FEATURES];
            for (i, input) in inputs.chunks_exact_mut(FEATURES).enumerate() {
                good.write_input(i, None, input);
            }
            inputs[5 * FEATURES + 3] = bad;
            let error = run.trainer.task_step(2, &inputs, good.targets());
            let sentence = error.expect_err("not finite").to_string();
            for part in ["NaN or infinity", "inputs of task 2", "task step 3"] {
                assert!(sentence.contains(part), "{kind:?}, {bad}: {sentence}");
            }
            assert_eq!(bits(&flat(&run.parameters())), before, "{kind:?}, {bad}");
            assert_eq!(run.trainer.global_step(), 3);
        }
        // And training continues.
        run.steps(3);
    }
}

/// ReLU must not hide a NaN that comes from the weights, and an activation of
/// infinity in a component of weight 0 must not reach its router.
#[test]
fn what_overflows_inside_is_an_error_and_changes_nothing() {
    let plan = Plan::new(&Net::NETWORK, &OUTPUTS).unwrap();
    let tasks = random_tasks(&plan, 16, 16);
    let targets = tasks[0].train.targets();
    for kind in [Kind::Cpu(1), Kind::Tape, Kind::Composed] {
        let error = |method: Method, weight: f32, inputs: &[f32]| {
            let mut settings = settings(method);
            // With the first component alone connected, nearly always.
            settings.router.probs_init = ProbsInit::Each(vec![vec![0.999, 1e-3, 1e-3, 1e-3]; 4]);
            let mut trainer = kind.trainer::<Net>(&settings, &OUTPUTS).unwrap();
            let mut parameters = trainer.parameters();
            let of_second = parameters
                .iter_mut()
                .find(|t| t.path == "dense1.1.0.weight");
            of_second.expect("a second component").values.fill(weight);
            trainer.set_parameters(&parameters).unwrap();
            let before = bits(&flat(&trainer.parameters()));
            let error = trainer.task_step(0, inputs, targets);
            assert_eq!(bits(&flat(&trainer.parameters())), before, "{kind:?}");
            error.expect_err("not finite").to_string()
        };
        let inputs = [0.5; 16 * FEATURES];
        let sentence = error(Method::SharedBottom, f32::NAN, &inputs);
        assert!(sentence.contains("loss of task 0 became NaN"), "{sentence}");
        let sentence = error(Method::GumbelMatrix, f32::MAX, &inputs);
        let what = match kind {
            // It multiplies also by a weight of 0, so that the loss shows it.
            Kind::Composed => "loss of task 0 became NaN",
            _ => "router's gradient in task 0",
        };
        assert!(sentence.contains(what), "{kind:?}: {sentence}");
    }
}
