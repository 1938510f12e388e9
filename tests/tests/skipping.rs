//! Leaving out what is inactive changes no number: the CPU engine against
//! itself computing everything, and against the typed engines.
//!
//! Numbers are compared with `==`, for which 0.0 and -0.0 are the same: a
//! computed gradient of weight 0 may have either sign, one that was left out
//! is 0.0.

use paramalloc_core::engine::tape::TypedNetwork;
use paramalloc_core::network::plan::Plan;
use paramalloc_core::optim::AdamSettings;
use paramalloc_core::penalty::Penalties;
use paramalloc_core::routing::{Method, RouterSettings};
use paramalloc_core::train::{TrainSettings, Trainer};
use tests::compare::{assert_close, assert_equal, difference, flat, norm};
use tests::engines::Kind;
use tests::made::{Run, random_tasks};
use tests::networks::{ClustersSmall, Mnist, OmniglotSmall, Synthetic};

const STEPS: usize = 50;

/// A batch of one group of eight images and a part of one; a probability of
/// connection at which whole layers are off now and then; everything on that
/// adds to a gradient.
fn settings(method: Method) -> TrainSettings {
    TrainSettings::default()
        .seed(3)
        .batch_size(11)
        .steps_per_task(STEPS as u64)
        .router(
            RouterSettings::default()
                .method(method)
                .probs_init(0.25)
                .temperature_init(1.0),
        )
        .penalties(
            Penalties::default()
                .budget(0.1)
                .budget_penalty(0.5)
                .disconnect_penalty(0.01)
                .entropy_penalty(0.01)
                .l2_penalty(1e-3),
        )
        .learning_rate(3e-3)
        .clip_norm(1.0)
}

/// How often a routed component, or a whole routed layer, had weight 0.
#[derive(Default)]
struct Inactive {
    components: usize,
    layers: usize,
}

impl Inactive {
    fn count(&mut self, trainer: &Trainer) {
        for layer in &trainer.routers().layers {
            let weights = &trainer.last_weights()[layer.components.clone()];
            let inactive = weights.iter().filter(|&&w| w == 0.0).count();
            self.components += inactive;
            self.layers += usize::from(inactive == weights.len());
        }
    }
}

/// The same 50 task steps with and without leaving out.
fn compare_with_dense<N: TypedNetwork>(outputs: &[usize], settings: &TrainSettings) {
    let method = settings.router.method;
    let at = format!("{}, {method}", N::NETWORK.name);
    let tasks = random_tasks(&Plan::new(&N::NETWORK, outputs).unwrap(), 40, 11);
    let run = |kind: Kind| {
        let trainer = kind.trainer::<N>(settings, outputs).unwrap();
        Run::new(trainer, &tasks, settings)
    };
    let (mut sparse, mut dense) = (run(Kind::Cpu(1)), run(Kind::Dense));
    let mut inactive = Inactive::default();
    for step in 0..STEPS {
        let at = format!("{at}, step {step}");
        assert_eq!(sparse.step(), dense.step(), "{at}: losses");
        let (sparse, dense) = (&sparse.trainer, &dense.trainer);
        assert_eq!(sparse.last_weights(), dense.last_weights(), "{at}: weights");
        assert_eq!(sparse.last_logits(), dense.last_logits(), "{at}: logits");
        assert_equal(&at, &sparse.gradient(), &dense.gradient());
        inactive.count(sparse);
    }
    assert_equal(&at, &sparse.parameters(), &dense.parameters());
    assert_eq!(sparse.logits(11), dense.logits(11), "{at}: evaluation");
    match method {
        Method::SharedBottom => assert_eq!(inactive.components, 0),
        Method::NoSharing => assert!(inactive.components > 0),
        Method::GumbelMatrix => {
            // Without these the comparison would show nothing.
            assert!(inactive.components > STEPS, "{at}");
            assert!(inactive.layers > 0, "{at}: no layer was ever off");
        }
    }
}

/// Ten task steps of the typed engines against the CPU engine's. They add in
/// another order, so that the numbers differ by rounding: an epsilon as large
/// as the gradients keeps Adam from blowing that up, and once the parameters
/// differ a ReLU or a maximum may turn the other way, hence the tolerance
/// after the first step.
fn compare_with_tape<N: TypedNetwork>(outputs: &[usize], method: Method) {
    let mut settings = settings(method);
    settings.optimizer = AdamSettings::default().epsilon(0.1).into();
    settings.learning_rate = 0.02;
    let tasks = random_tasks(&Plan::new(&N::NETWORK, outputs).unwrap(), 40, 11);
    let run = |kind: Kind| {
        let trainer = kind.trainer::<N>(&settings, outputs).unwrap();
        let start = trainer.parameters();
        let mut run = Run::new(trainer, &tasks, &settings);
        let mut inactive = Inactive::default();
        let mut steps = Vec::new();
        for _ in 0..10 {
            run.step();
            inactive.count(&run.trainer);
            let weights = run.trainer.last_weights().to_vec();
            steps.push((run.trainer.gradient(), weights));
        }
        let update = difference(&flat(&run.parameters()), &flat(&start));
        (steps, update, inactive)
    };
    let (wanted, wanted_update, inactive) = run(Kind::Cpu(1));
    if method == Method::GumbelMatrix {
        assert!(
            inactive.components > 0 && inactive.layers > 0,
            "{}",
            N::NETWORK.name
        );
    }
    for kind in [Kind::Tape, Kind::Composed] {
        let at = format!("{}, {method}, {kind:?}", N::NETWORK.name);
        let (steps, update, _) = run(kind);
        let (first, wanted_first) = (&steps[0].0, &wanted[0].0);
        assert_close(
            &format!("{at}, first gradient"),
            first,
            wanted_first,
            1e-4,
            1e-2,
        );
        for (step, (got, wanted)) in steps.iter().zip(&wanted).enumerate() {
            assert_eq!(got.1, wanted.1, "{at}, weights at step {step}");
            let (got, wanted) = (flat(&got.0), flat(&wanted.0));
            let error = norm(&difference(&got, &wanted)) / norm(&wanted);
            assert!(
                error < 0.03,
                "{at}, gradient at step {step}: off by {error}"
            );
        }
        let error = norm(&difference(&update, &wanted_update)) / norm(&wanted_update);
        assert!(error < 0.01, "{at}, updates: off by {error}");
    }
}

fn check<N: TypedNetwork>(outputs: &[usize], methods: &[Method]) {
    for &method in methods {
        compare_with_dense::<N>(outputs, &settings(method));
        compare_with_tape::<N>(outputs, method);
    }
}

/// `no_sharing` needs as many components as tasks.
const WITHOUT_NO_SHARING: [Method; 2] = [Method::SharedBottom, Method::GumbelMatrix];

#[test]
fn mnist() {
    check::<Mnist>(&[10; 4], &Method::ALL);
}

#[test]
fn clusters() {
    check::<ClustersSmall>(&[5, 5, 9, 9, 9], &WITHOUT_NO_SHARING);
}

#[test]
fn omniglot() {
    check::<OmniglotSmall>(&[14, 20, 7], &WITHOUT_NO_SHARING);
}

#[test]
fn synthetic() {
    check::<Synthetic>(&[1; 4], &Method::ALL);
}

/// A norm to clip by that is mostly the L2 penalty's, of parameters without a
/// gradient too.
#[test]
fn a_strong_penalty_and_clipping() {
    let mut settings = settings(Method::GumbelMatrix);
    settings.penalties.l2_penalty = 0.3;
    settings.clip_norm = Some(0.1);
    compare_with_dense::<Mnist>(&[10; 4], &settings);
    compare_with_dense::<ClustersSmall>(&[5, 5, 9, 9, 9], &settings);
}
