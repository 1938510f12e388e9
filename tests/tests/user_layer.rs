//! What a user of the crate adds: a layer with a parameter, a router, other
//! routers for single fields.

use paramalloc_core::error::Error;
use paramalloc_core::network::plan::Plan;
use paramalloc_core::optim::AdamSettings;
use paramalloc_core::prelude::dfdx::prelude::{
    Axes3, BroadcastTo, Device, HasShape, Tape, WithEmptyTape,
};
use paramalloc_core::prelude::*;
use paramalloc_core::random::{Purpose, Random};
use paramalloc_core::routing::{Draw, Method, Router, RouterOverride, RouterSettings};
use paramalloc_core::train::{NamedTensor, Noise, TrainSettings, Trainer};
use tests::compare::{assert_close, flat};
use tests::engines::Kind;
use tests::made::{Run, random_tasks};

/// `x * sigmoid(beta * x)` with one `beta` per channel.
struct Swish<const C: usize>;

impl<const C: usize> CustomLayer for Swish<C> {
    const NAME: &'static str = "Swish";
    const RULE: ShapeRule = ShapeRule::KeepChannels(C);
    const PARAMETERS: &'static [ParameterSpec] =
        &[ParameterSpec::new("beta", &[C], Init::Constant(1.0))];

    fn forward<D: Device<f32>, T: Tape<f32, D>>(
        x: Activations<D, T>,
        parameters: Vec<FlatParameter<D, T>>,
    ) -> Activations<D, T> {
        let shape = *x.shape();
        let beta = parameters.into_iter().next().expect("declared above");
        let beta = beta.broadcast_like::<_, Axes3<0, 2, 3>>(&shape);
        let gate = (x.with_empty_tape() * beta).sigmoid();
        x * gate
    }
}

impl<const C: usize> Layer for Swish<C> {
    const SPEC: Spec = Spec::custom::<Self>();
}

/// Every connection has a strength between 0 and 1 of its own, which is the
/// weight. No weight is ever 0.
struct SoftGates;

impl SoftGates {
    fn strength(logit: f32) -> f32 {
        1.0 / (1.0 + (-logit).exp())
    }

    fn add_gradient(row: &[f32], gradient: &[f32], sums: &mut [f32]) {
        for ((sum, &logit), gradient) in sums.iter_mut().zip(row).zip(gradient) {
            let strength = Self::strength(logit);
            *sum += gradient * strength * (1.0 - strength);
        }
    }
}

impl Router for SoftGates {
    fn name(&self) -> &str {
        "soft_gates"
    }

    fn row_width(&self) -> usize {
        1
    }

    fn uniforms(&self) -> usize {
        0
    }

    fn learns_from_inactive(&self) -> bool {
        false
    }

    fn check(&self, _tasks: usize, _components: usize) -> Result<(), Error> {
        Ok(())
    }

    fn initial_row(&self, task: usize, row: &mut [f32]) {
        for (component, logit) in row.iter_mut().enumerate() {
            *logit = if component == task { 1.0 } else { -0.5 };
        }
    }

    fn sample(&self, task: usize, row: &[f32], _draw: Draw<'_>, weights: &mut [f32]) {
        self.evaluate(task, row, weights);
    }

    fn sample_backward(&self, row: &[f32], _: Draw<'_>, gradient: &[f32], sums: &mut [f32]) {
        Self::add_gradient(row, gradient, sums);
    }

    fn evaluate(&self, _task: usize, row: &[f32], weights: &mut [f32]) {
        for (weight, &logit) in weights.iter_mut().zip(row) {
            *weight = Self::strength(logit);
        }
    }

    fn probabilities(&self, task: usize, row: &[f32], probabilities: &mut [f32]) {
        self.evaluate(task, row, probabilities);
    }

    fn probabilities_backward(&self, row: &[f32], gradient: &[f32], sums: &mut [f32]) {
        Self::add_gradient(row, gradient, sums);
    }
}

/// The user's layer shared and in routed components, on images and on
/// features; the user's router in the middle.
#[multitask(input = (1, 6, 5), tasks = 2)]
struct Users {
    stem: (Conv2D<1, 3, 3>, Swish<3>),
    #[routed(3)]
    conv: (Conv2D<3, 4, 2>, Swish<4>),
    #[routed(router = SoftGates)]
    mixed: AnyOf<(Swish<4>, Identity, (Conv2D<4, 4, 1>, Swish<4>))>,
    flatten: Flatten2D,
    #[routed(2)]
    dense: (Linear<24, 5>, Swish<5>),
    #[head(classes = 3)]
    head: Linear<5, 3>,
}

const OUTPUTS: [usize; 2] = [3; 2];

/// A large epsilon, because engines that add in another order differ by
/// rounding, which Adam would blow up where a gradient is near 0.
fn settings() -> TrainSettings {
    TrainSettings::default()
        .seed(5)
        .batch_size(11)
        .router(
            RouterSettings::default()
                .probs_init(0.6)
                .temperature_init(1.0),
        )
        .learning_rate(0.05)
        .optimizer(AdamSettings::default().epsilon(0.01))
}

#[test]
fn a_users_layer_trains_on_all_engines_to_the_same_numbers() {
    let settings = settings();
    let tasks = random_tasks(&Plan::new(&Users::NETWORK, &OUTPUTS).unwrap(), 22, 11);
    let train = |kind: Kind| {
        let trainer = kind.trainer::<Users>(&settings, &OUTPUTS).unwrap();
        let start = trainer.parameters();
        let mut run = Run::new(trainer, &tasks, &settings);
        run.steps(20);
        (start, run.parameters(), run.logits(11))
    };
    let (start, wanted, wanted_logits) = train(Kind::Cpu(1));
    for (before, after) in start.iter().zip(&wanted) {
        let path = &before.path;
        assert_ne!(before.values, after.values, "{path} was not trained");
        let is_beta = path.ends_with(".beta");
        assert!(
            !is_beta || before.values.iter().all(|&v| v == 1.0),
            "{path}"
        );
    }
    let betas = wanted.iter().filter(|t| t.path.ends_with(".beta"));
    assert_eq!(betas.count(), 1 + 3 + 2 + 2);
    for kind in Kind::all() {
        let (_, got, logits) = train(kind);
        assert_close(&format!("{kind:?}"), &got, &wanted, 1e-3, 1e-2);
        for (i, (got, wanted)) in logits.iter().zip(&wanted_logits).enumerate() {
            assert!((got - wanted).abs() < 1e-3, "{kind:?}, logit {i}");
        }
    }
}

/// One batch of task 1 with its random choices.
struct Step {
    inputs: Vec<f32>,
    classes: Vec<u16>,
    noise: Noise,
}

impl Step {
    fn new(trainer: &Trainer) -> Self {
        let mut stream = Random::new(1).stream(Purpose::Data, 0, 0);
        let mut values =
            |len: usize| -> Vec<f32> { (0..len).map(|_| stream.uniform_in(-4.0, 4.0)).collect() };
        let noise = Noise {
            // All components of the gumbel routers are on, by a wide margin.
            uniforms: [0.9, 0.1].repeat(trainer.routers().uniform_len() / 2),
            masks: Vec::new(),
        };
        Self {
            inputs: values(11 * trainer.plan().input.len()),
            classes: vec![0, 1, 2, 2, 1, 0, 1, 1, 2, 0, 2],
            noise,
        }
    }

    fn loss(&self, trainer: &mut Trainer) -> f64 {
        let targets = paramalloc_core::data::Targets::Classes(&self.classes);
        let report = trainer.compute(1, &self.inputs, targets, &self.noise);
        report.unwrap().task_loss
    }
}

/// `(loss(p + h) - loss(p - h)) / 2h` for every model parameter and the
/// user's router; the gumbel router's gradient is not a slope but that of
/// its relaxation.
#[test]
fn gradients_through_users_parts_are_slopes_of_the_loss() {
    let h = 1e-2;
    for kind in [Kind::Cpu(1), Kind::Tape, Kind::Composed] {
        let mut trainer = kind.trainer::<Users>(&settings(), &OUTPUTS).unwrap();
        let step = Step::new(&trainer);
        step.loss(&mut trainer);
        let gradient = trainer.gradient();
        let start = trainer.parameters();
        let mut slope = |tensor: usize, i: usize| {
            let mut moved = |by: f32| {
                let mut parameters: Vec<NamedTensor> = start.clone();
                parameters[tensor].values[i] += by;
                trainer.set_parameters(&parameters).unwrap();
                step.loss(&mut trainer)
            };
            (moved(h) - moved(-h)) / f64::from(2.0 * h)
        };
        let mut largest: f64 = 0.0;
        for (tensor, gradient) in gradient.iter().enumerate() {
            let path = &gradient.path;
            let is_router = path.ends_with(".router.logits");
            if is_router && path != "mixed.router.logits" {
                continue;
            }
            for (i, &g) in gradient.values.iter().enumerate() {
                let (g, slope) = (f64::from(g), slope(tensor, i));
                let close = (g - slope).abs() <= 3e-4 * (1.0 + slope.abs());
                assert!(close, "{kind:?}, {path} {i}: {g}, but the slope is {slope}");
                if is_router || path.ends_with(".beta") {
                    largest = largest.max(slope.abs());
                }
            }
        }
        // Much more than the tolerance, so that a gradient of 0 would fail.
        assert!(largest > 0.005, "{kind:?}: {largest}");
    }
}

#[test]
fn a_users_router_trains() {
    let settings = settings();
    let tasks = random_tasks(&Plan::new(&Users::NETWORK, &OUTPUTS).unwrap(), 22, 11);
    let trainer = Kind::Cpu(2).trainer::<Users>(&settings, &OUTPUTS);
    let mut run = Run::new(trainer.unwrap(), &tasks, &settings);
    let at_first = run.steps(20);
    run.steps(400);
    let at_last = run.steps(20);
    // Random labels of 22 examples: learning them by heart is possible.
    assert!(at_last < 0.5 * at_first, "{at_first}, then {at_last}");
    let router = &run.trainer.routers().layers[1];
    assert_eq!(router.name, "mixed");
    for (task, row) in run.trainer.routers().probabilities(1).iter().enumerate() {
        for (component, &strength) in row.iter().enumerate() {
            let start = SoftGates::strength(if component == task { 1.0 } else { -0.5 });
            let moved = (strength - start).abs() > 1e-3;
            assert!(moved, "task {task}, component {component}: {strength}");
        }
    }
}

#[test]
fn settings_choose_another_router_for_a_field() {
    let mut settings = settings();
    let other = |method| RouterOverride::default().method(method);
    settings.router = (settings.router)
        .field("conv", other(Method::SharedBottom))
        .field("dense", other(Method::NoSharing));
    let tasks = random_tasks(&Plan::new(&Users::NETWORK, &OUTPUTS).unwrap(), 22, 11);
    for kind in Kind::all() {
        let trainer = kind.trainer::<Users>(&settings, &OUTPUTS).unwrap();
        let mut run = Run::new(trainer, &tasks, &settings);
        for _ in 0..6 {
            run.step();
            let weights = run.trainer.last_weights();
            assert_eq!(weights[..3], [1.0; 3], "{kind:?}: `conv` is shared");
            let alone = weights[6..] == [0.0, 1.0] || weights[6..] == [1.0, 0.0];
            assert!(alone, "{kind:?}: `dense` is not shared: {weights:?}");
        }
        assert_eq!(run.trainer.evaluation_weights(0)[6..], [1.0, 0.0]);
        assert_eq!(run.trainer.evaluation_weights(1)[6..], [0.0, 1.0]);
        let parameters = run.parameters();
        let routers = parameters
            .iter()
            .filter(|t| t.path.ends_with(".router.logits"));
        let paths: Vec<&str> = routers.map(|t| t.path.as_str()).collect();
        assert_eq!(paths, ["mixed.router.logits"], "{kind:?}");
        assert!(flat(&parameters).iter().all(|v| v.is_finite()));
    }
}
