//! The numeric oracle: task steps computed in float64 by automatic
//! differentiation, with every random choice given. Each engine must meet its
//! outputs and losses to 1e-4 relative, gradients to 1e-3 of their norm,
//! updates to 5e-2 of their norm.
//!
//! Reads the cases under `$PARAMALLOC_ORACLE`, else those in `fixtures/`.

mod case;

use case::{Case, directories};
use paramalloc_core::data::Targets;
use paramalloc_core::engine::cpu::Convolution;
use paramalloc_core::engine::tape::TypedNetwork;
use paramalloc_core::train::{NamedTensor, Noise, Trainer};
use tests::engines::Kind;
use tests::networks::{ClustersSmall, Mnist, OmniglotSmall, Synthetic};

#[test]
fn all_engines_meet_the_oracle() {
    for directory in directories() {
        let case = Case::read(&directory);
        for kind in Kind::all() {
            match case.settings.net.as_str() {
                "mnist" => check::<Mnist>(&case, kind),
                "clusters_small" => check::<ClustersSmall>(&case, kind),
                "omniglot_small" => check::<OmniglotSmall>(&case, kind),
                "synthetic" => check::<Synthetic>(&case, kind),
                other => panic!("{}: unknown network {other}", case.name),
            }
        }
        case.assert_all_used();
    }
}

/// How far gradients and updates may be off, of their norms.
struct Limits {
    gradient: f64,
    update: f64,
}

impl Limits {
    /// Winograd's algorithm rounds more than the sums of the oracle. More ReLUs whose
    /// input is nearly zero are on the other side, each of which changes a gradient
    /// by one example's share; and Adam makes as large a step of a gradient near zero
    /// as of any other.
    fn of(kind: Kind) -> Self {
        let (gradient, update) = match kind {
            Kind::Convolution(Convolution::Winograd) => (1e-2, 1e-1),
            _ => (1e-3, 5e-2),
        };
        Self { gradient, update }
    }
}

fn check<N: TypedNetwork>(case: &Case, kind: Kind) {
    let settings = case.train_settings();
    let mut trainer = kind.trainer::<N>(&settings, &case.settings.heads).unwrap();
    trainer.set_total_task_steps(case.settings.num_total_steps);
    trainer.set_parameters(&case.under("param/")).unwrap();
    let limits = Limits::of(kind);
    for (i, step) in case.settings.steps.iter().enumerate() {
        let at = format!("{}, {kind:?}, step {i}", case.name);
        let get = |name: &str| case.tensor(&format!("step{i}/{name}"));
        trainer.set_global_step(step.global_step);
        let images = get("input/images");
        let labels = get("input/labels");
        let classes: Vec<u16> = labels.iter().map(|&l| l as u16).collect();
        let targets = match case.settings.net.as_str() {
            "synthetic" => Targets::Values(labels),
            _ => Targets::Classes(&classes),
        };
        let noise = noise(case, &trainer, i);
        let before = trainer.parameters();

        let logits = trainer.logits(step.task, images).unwrap();
        close(
            &format!("{at}, eval_output"),
            &logits,
            get("expect/eval_output"),
            1e-4,
        );
        check_weights(case, &trainer, &format!("step{i}/expect/eval_weights"), &at);
        let report = trainer.compute(step.task, images, targets, &noise).unwrap();
        check_weights(case, &trainer, &format!("step{i}/expect/weights"), &at);
        close(
            &format!("{at}, output"),
            trainer.last_logits(),
            get("expect/output"),
            1e-4,
        );
        let loss = |name: &str, value: f64| {
            close(
                &format!("{at}, {name}"),
                &[value as f32],
                get(&format!("expect/{name}")),
                1e-4,
            );
        };
        loss("task_loss", report.task_loss);
        loss("auxiliary_loss", report.auxiliary_loss());
        let wanted = case.under(&format!("step{i}/expect/grad/"));
        check_gradients(&at, &trainer.gradient(), &wanted, limits.gradient);
        trainer.update().unwrap();
        let after = case.under(&format!("step{i}/expect/param_after/"));
        check_updates(
            &at,
            &before,
            &trainer.parameters(),
            &after,
            &wanted,
            (&settings, limits.update),
        );
    }
}

/// The random choices of a step.
fn noise(case: &Case, trainer: &Trainer, i: usize) -> Noise {
    let mut noise = Noise::default();
    for layer in trainer.routers().layers.iter().filter(|l| l.is_learned()) {
        let name = format!("step{i}/input/uniform/{}", layer.name);
        noise.uniforms.extend_from_slice(case.tensor(&name));
    }
    let mask = case.optional(&format!("step{i}/input/dropout_mask"));
    noise.masks.extend(mask.map(<[f32]>::to_vec));
    assert_eq!(noise.masks.len(), trainer.plan().dropouts.len());
    noise
}

fn check_weights(case: &Case, trainer: &Trainer, prefix: &str, at: &str) {
    for layer in &trainer.routers().layers {
        let wanted = case.tensor(&format!("{prefix}/{}", layer.name));
        let got = &trainer.last_weights()[layer.components.clone()];
        close(&format!("{at}, {prefix}/{}", layer.name), got, wanted, 1e-4);
    }
}

fn check_gradients(at: &str, got: &[NamedTensor], wanted: &[NamedTensor], tolerance: f64) {
    assert_eq!(got.len(), wanted.len(), "{at}: number of gradients");
    for wanted in wanted {
        let got = find(got, wanted);
        let error = norm(difference(&got.values, &wanted.values));
        let limit = tolerance * norm(wanted.values.iter().map(|&v| v.into())) + 1e-7;
        let path = &wanted.path;
        assert!(
            error <= limit,
            "{at}, gradient of {path}: off by {error}, allowed {limit}"
        );
    }
}

fn check_updates(
    at: &str,
    before: &[NamedTensor],
    after: &[NamedTensor],
    wanted: &[NamedTensor],
    gradients: &[NamedTensor],
    (settings, tolerance): (&paramalloc_core::train::TrainSettings, f64),
) {
    assert_eq!(after.len(), wanted.len(), "{at}: number of parameters");
    for wanted in wanted {
        let path = &wanted.path;
        let (before, after) = (find(before, wanted), find(after, wanted));
        let update: Vec<f64> = difference(&after.values, &before.values).collect();
        let reference: Vec<f64> = difference(&wanted.values, &before.values).collect();
        let off = || update.iter().zip(&reference).map(|(a, b)| a - b);
        let gradient = norm(find(gradients, wanted).values.iter().map(|&v| v.into()));
        if gradient > 1e-4 {
            let (error, limit) = (norm(off()), tolerance * norm(reference.iter().copied()));
            assert!(
                error <= limit,
                "{at}, update of {path}: off by {error}, allowed {limit}"
            );
        } else {
            let router = settings
                .router_learning_rate
                .filter(|_| path.ends_with(".router.logits"));
            let limit = 2.0 * router.unwrap_or(settings.learning_rate);
            let error = off().map(f64::abs).fold(0.0, f64::max);
            // `max` passes over NaN, which must fail.
            assert!(
                off().all(|d| d.abs() <= limit),
                "{at}, update of {path}: off by {error}, allowed {limit}"
            );
        }
    }
}

fn find<'a>(tensors: &'a [NamedTensor], wanted: &NamedTensor) -> &'a NamedTensor {
    let found = tensors.iter().find(|t| t.path == wanted.path);
    let found = found.unwrap_or_else(|| panic!("no parameter {}", wanted.path));
    assert_eq!(found.shape, wanted.shape, "shape of {}", wanted.path);
    found
}

fn difference<'a>(a: &'a [f32], b: &'a [f32]) -> impl Iterator<Item = f64> + 'a {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) - f64::from(b))
}

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|v| v * v).sum::<f64>().sqrt()
}

/// Relative to the largest of the wanted values, or to 1e-3 below that.
#[track_caller]
fn close(what: &str, got: &[f32], wanted: &[f32], tolerance: f64) {
    let scale = wanted
        .iter()
        .fold(1e-3_f64, |m, &v| m.max(f64::from(v).abs()));
    let error = difference(got, wanted).map(f64::abs).fold(0.0, f64::max);
    // `max` passes over NaN, which must fail.
    assert!(
        difference(got, wanted).all(|d| d.abs() <= tolerance * scale),
        "{what}: off by {error}, of {scale}\n{got:?}\n{wanted:?}"
    );
}
