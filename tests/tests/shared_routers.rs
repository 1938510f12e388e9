//! Fields that have the router of a field before them.

use paramalloc_core::data::Targets;
use paramalloc_core::error::{Error, NetworkError};
use paramalloc_core::network::plan::Plan;
use paramalloc_core::network::{Outputs, Sharing};
use paramalloc_core::penalty::Penalties;
use paramalloc_core::prelude::*;
use paramalloc_core::prune::{PrunedNetwork, prune};
use paramalloc_core::random::{Purpose, Random, Stream};
use paramalloc_core::routing::{Method, RouterOverride, RouterSettings, SharedBottom};
use paramalloc_core::train::{NamedTensor, Noise};
use tests::compare::{assert_close, assert_equal};
use tests::engines::Kind;
use tests::made::{Run, random_tasks};

/// The third and the last field have the allocation of the first. Their components
/// are others, and a field with a router of its own lies between them.
#[multitask(input = (2, 4, 4))]
struct Joined {
    #[routed(3)]
    first: (Conv2D<2, 4, 3, 1, Same>, ReLU),
    #[routed(2)]
    between: AnyOf<((Conv2D<4, 4, 3, 1, Same>, Tanh), Identity)>,
    #[routed(router_of = first)]
    second: AnyOf<(Conv2D<4, 4, 3, 1, Same>, Identity, Tanh)>,
    flatten: Flatten2D,
    #[routed(3, router_of = first)]
    dense: (Linear<64, 8>, ReLU),
    #[head(classes = 3)]
    head: Linear<8, 3>,
}

/// The same with a router for each field.
#[multitask(input = (2, 4, 4))]
struct Apart {
    #[routed(3)]
    first: (Conv2D<2, 4, 3, 1, Same>, ReLU),
    #[routed(2)]
    between: AnyOf<((Conv2D<4, 4, 3, 1, Same>, Tanh), Identity)>,
    #[routed]
    second: AnyOf<(Conv2D<4, 4, 3, 1, Same>, Identity, Tanh)>,
    flatten: Flatten2D,
    #[routed(3)]
    dense: (Linear<64, 8>, ReLU),
    #[head(classes = 3)]
    head: Linear<8, 3>,
}

const TASKS: [usize; 2] = [3; 2];
const BATCH: usize = 11;

fn settings() -> TrainSettings {
    let router = RouterSettings::default()
        .probs_init(vec![vec![0.4, 0.6, 0.5]; 2])
        .temperature_init(1.0)
        .field(
            "between",
            RouterOverride::default().probs_init(Some(vec![vec![0.5; 4]; 2].into())),
        );
    let penalties = Penalties::default()
        .budget(0.1)
        .budget_penalty(0.5)
        .connection_penalty(0.02)
        .disconnect_penalty(0.1)
        .entropy_penalty(0.1)
        .l2_penalty(1e-3);
    TrainSettings::default()
        .seed(4)
        .batch_size(BATCH)
        .steps_per_task(20)
        .router(router)
        .penalties(penalties)
}

struct Made {
    inputs: Vec<f32>,
    classes: Vec<u16>,
}

impl Made {
    fn new() -> Self {
        let mut stream = Random::new(6).stream(Purpose::Data, 0, 0);
        Self {
            inputs: values(&mut stream, BATCH * 32),
            classes: (0..BATCH).map(|_| stream.below(3) as u16).collect(),
        }
    }

    fn targets(&self) -> Targets<'_> {
        Targets::Classes(&self.classes)
    }
}

fn values(stream: &mut Stream, len: usize) -> Vec<f32> {
    (0..len).map(|_| stream.uniform_in(-1.0, 1.0)).collect()
}

fn tensor<'a>(tensors: &'a [NamedTensor], path: &str) -> &'a [f32] {
    let found = tensors.iter().find(|tensor| tensor.path == path);
    &found.unwrap_or_else(|| panic!("no {path}")).values
}

/// Draws of the three components of the first router and of the four of the second.
const DRAWS: [f32; 14] = [
    0.9, 0.2, 0.3, 0.6, 0.7, 0.4, 0.8, 0.1, 0.2, 0.5, 0.6, 0.3, 0.4, 0.9,
];

fn noise(uniforms: Vec<f32>) -> Noise {
    let masks = Vec::new();
    Noise { uniforms, masks }
}

#[test]
fn a_checkpoint_has_one_matrix() {
    let trainer = Kind::Cpu(1).trainer::<Joined>(&settings(), &TASKS).unwrap();
    let parameters = trainer.parameters();
    let paths = parameters.iter().map(|t| t.path.as_str());
    let routers: Vec<&str> = paths.filter(|path| path.contains("router")).collect();
    assert_eq!(routers, ["first.router.logits", "between.router.logits"]);
    assert_eq!(tensor(&parameters, routers[0]).len(), 2 * 3 * 2);
    assert_eq!(trainer.routers().uniform_len(), DRAWS.len());
    let layers = &trainer.routers().layers;
    assert_eq!(layers[2].heading(), "second (as first)");
    assert_eq!(
        trainer.routers().allocation(3),
        trainer.routers().allocation(0)
    );
}

/// The gradient of the logits, that of penalties included, is the sum of those of the
/// fields, and everything else is as with routers that make the same choices.
#[test]
fn gradients_of_the_fields_are_added() {
    let made = Made::new();
    let mut joined = Kind::Cpu(1).trainer::<Joined>(&settings(), &TASKS).unwrap();
    let mut apart = Kind::Cpu(1).trainer::<Apart>(&settings(), &TASKS).unwrap();
    let model = |tensors: &[NamedTensor]| -> Vec<NamedTensor> {
        let model = tensors.iter().filter(|t| !t.path.contains("router"));
        model.cloned().collect()
    };
    assert_equal(
        "start",
        &model(&joined.parameters()),
        &model(&apart.parameters()),
    );
    let [own, between] = [&DRAWS[..6], &DRAWS[6..]];
    let each = noise([own, between, own, own].concat());
    let once = noise(DRAWS.to_vec());
    for task in 0..2 {
        let one = joined
            .compute(task, &made.inputs, made.targets(), &once)
            .unwrap();
        let other = apart
            .compute(task, &made.inputs, made.targets(), &each)
            .unwrap();
        assert_eq!(joined.last_weights(), apart.last_weights());
        assert_eq!(one, other, "losses and penalties");
        assert!(one.penalties.get("budget").unwrap() > 0.0);
        let (one, other) = (joined.gradient(), apart.gradient());
        assert_equal("the model", &model(&one), &model(&other));
        let logits = |field: &str| tensor(&other, &format!("{field}.router.logits"));
        let fields = [logits("first"), logits("second"), logits("dense")];
        let found = tensor(&one, "first.router.logits");
        let row = 6 * task..6 * (task + 1);
        for (i, &found) in found.iter().enumerate() {
            let sum: f32 = fields.iter().map(|field| field[i]).sum();
            let size: f32 = fields.iter().map(|field| field[i].abs()).sum();
            assert!((found - sum).abs() <= 1e-6 * size, "{i}: {found}, {sum}");
            assert_eq!(fields.iter().all(|f| f[i] != 0.0), row.contains(&i), "{i}");
        }
    }
}

/// All engines, threads and both ways to leave out what is inactive train the same.
#[test]
fn engines_agree() {
    let settings = settings();
    let tasks = random_tasks(&Plan::new(&Joined::NETWORK, &TASKS).unwrap(), 32, 8);
    let trained = |kind: Kind, steps: usize| {
        let trainer = kind.trainer::<Joined>(&settings, &TASKS).unwrap();
        let mut run = Run::new(trainer, &tasks, &settings);
        run.steps(steps);
        run.parameters()
    };
    let one = trained(Kind::Cpu(1), 20);
    for kind in [Kind::Cpu(2), Kind::Cpu(3), Kind::Dense] {
        assert_equal(&format!("{kind:?}"), &trained(kind, 20), &one);
    }
    let one = trained(Kind::Cpu(1), 5);
    for kind in [Kind::Tape, Kind::Composed] {
        assert_close(&format!("{kind:?}"), &trained(kind, 5), &one, 1e-4, 1e-3);
    }
}

/// The gradient of a batch for both tasks is the sum of theirs.
#[test]
fn tasks_step_together() {
    let made = Made::new();
    let mut settings = settings();
    settings.penalties.l2_penalty = 0.0;
    let mut trainer = Kind::Cpu(2).trainer::<Joined>(&settings, &TASKS).unwrap();
    let mut second = DRAWS;
    second.reverse();
    let of = [DRAWS.to_vec(), second.to_vec()];
    let mut sum: Vec<NamedTensor> = Vec::new();
    for (task, uniforms) in of.iter().enumerate() {
        let noise = noise(uniforms.clone());
        trainer
            .compute(task, &made.inputs, made.targets(), &noise)
            .unwrap();
        let gradient = trainer.gradient();
        if sum.is_empty() {
            sum = gradient;
            continue;
        }
        for (sum, other) in sum.iter_mut().zip(gradient) {
            let values = sum.values.iter_mut().zip(other.values);
            values.for_each(|(sum, value)| *sum += value);
        }
    }
    let targets = [made.targets(); 2];
    let both = noise(of.concat());
    trainer.compute_all(&made.inputs, &targets, &both).unwrap();
    assert_close("both tasks", &trainer.gradient(), &sum, 1e-5, 1e-4);
}

/// With rates of its own a router is still updated once a step.
#[test]
fn rates_are_of_the_one_router() {
    let made = Made::new();
    let stepped = |settings: &TrainSettings| {
        let mut trainer = Kind::Cpu(1).trainer::<Joined>(settings, &TASKS).unwrap();
        for _ in 0..3 {
            trainer.task_step(0, &made.inputs, made.targets()).unwrap();
        }
        tensor(&trainer.parameters(), "first.router.logits").to_vec()
    };
    let usual = settings();
    let rate = usual.learning_rate;
    // Another field's router has another rate, so that rates are looked up.
    let same = usual
        .clone()
        .learning_rate_of("between.router", 10.0 * rate);
    assert_eq!(stepped(&usual), stepped(&same));
    let start = Kind::Cpu(1).trainer::<Joined>(&usual, &TASKS).unwrap();
    let start = tensor(&start.parameters(), "first.router.logits").to_vec();
    assert_ne!(stepped(&usual), start);
    assert_eq!(stepped(&usual.clone().freeze("first.router")), start);
    let of_user = usual.freeze("second.router");
    let error = Kind::Cpu(1)
        .trainer::<Joined>(&of_user, &TASKS)
        .unwrap_err();
    assert!(matches!(error, Error::UnknownPath { .. }), "{error}");
}

#[test]
fn a_pruned_network_gives_the_same_logits() {
    let made = Made::new();
    let settings = settings();
    let tasks = random_tasks(&Plan::new(&Joined::NETWORK, &TASKS).unwrap(), 32, 8);
    let trainer = Kind::Cpu(1).trainer::<Joined>(&settings, &TASKS).unwrap();
    let mut run = Run::new(trainer, &tasks, &settings);
    run.steps(20);
    for task in 0..2 {
        let (manifest, bytes) = prune(&run.trainer, task, "one").unwrap();
        let kept = |layer: usize| -> Vec<usize> {
            let components = manifest.routed_layers[layer].components.iter();
            components.map(|component| component.index).collect()
        };
        assert!(kept(0).len() < 3, "nothing was left out");
        assert_eq!((kept(2), kept(3)), (kept(0), kept(0)));
        let mut pruned = PrunedNetwork::load(&Joined::NETWORK, &bytes).unwrap();
        let logits = run.trainer.logits(task, &made.inputs).unwrap();
        assert_eq!(pruned.logits(&made.inputs).unwrap(), logits);
    }
}

/// Built at run time it is the same network, stored or not, and refused in the words
/// of the macro.
#[test]
fn it_can_be_built_and_stored() {
    const CONV: Spec = <(Conv2D<2, 4, 3, 1, Same>, ReLU)>::SPEC;
    const DENSE: Spec = <(Linear<64, 8>, ReLU)>::SPEC;
    let text = serde_json::to_string(&Joined::NETWORK).unwrap();
    let stored: Network = serde_json::from_str(&text).unwrap();
    assert_eq!(stored, Joined::NETWORK);
    let build = |copies: usize, router_of: &'static str| {
        Network::builder("Joined", Dims::image(2, 4, 4))
            .routed("first", 3, CONV)
            .shared("flatten", Flatten2D::SPEC)
            .routed_with("dense", copies, DENSE, router_of)
            .head("head", Outputs::Equal(3), Loss::SoftmaxCrossEntropy)
            .build()
    };
    let network = build(3, "first").unwrap();
    assert_eq!(network.fields[2], Joined::NETWORK.fields[4]);
    for (copies, router_of, sentence) in [
        (
            2,
            "first",
            "`dense` has 2 components, but `first`, whose router it uses, has 3; give both as many",
        ),
        (
            3,
            "flatten",
            "`flatten` is not routed, so `dense` cannot use its router; name a routed field",
        ),
        (
            3,
            "dense",
            "`dense` names `dense`, which is no field before it; name a routed field before it",
        ),
    ] {
        let error = build(copies, router_of).unwrap_err();
        assert_eq!(error.to_string(), sentence);
        let mut changed = network.clone();
        changed.fields.to_mut()[2].sharing = Sharing::RoutedWith {
            copies,
            router_of: router_of.into(),
        };
        let error = Plan::new(&changed, &TASKS).unwrap_err();
        assert!(
            matches!(&error, Error::Network(NetworkError::Rule { field: Some(field), .. }) if field == "dense")
        );
        assert_eq!(error.to_string(), sentence);
    }
}

/// A struct with parameters, whose router is one of its own.
#[multitask(input = 4, tasks = 2)]
struct Scaled<const W: usize = 8> {
    #[routed(3, router = SharedBottom)]
    first: Linear<4, W>,
    #[routed(3, router_of = first)]
    second: Linear<W, 2>,
    #[head(classes = 2)]
    head: Linear<2, 2>,
}

#[test]
fn widths_are_parameters() {
    for network in [Scaled::<8>::NETWORK, Scaled::<5>::NETWORK] {
        let trainer = Trainer::new(&network, &TrainSettings::default(), &[2; 2], 1).unwrap();
        let layers = &trainer.routers().layers;
        assert!(
            layers
                .iter()
                .all(|layer| layer.router.name() == "shared_bottom")
        );
        assert_eq!(trainer.evaluation_weights(1), [1.0; 6]);
    }
}

#[test]
fn settings_are_those_of_the_first_field() {
    let other = RouterOverride::default().method(Some(Method::SharedBottom));
    let mut refused = settings();
    refused.router = refused.router.field("second", other);
    let error = Kind::Cpu(1)
        .trainer::<Joined>(&refused, &TASKS)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "field `second`: it uses the router of `first`; give the settings to `first`"
    );
}
