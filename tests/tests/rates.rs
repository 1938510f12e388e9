//! Frozen parts of a network, and learning rates of parts of it.

use paramalloc_core::error::Error;
use paramalloc_core::network::plan::Plan;
use paramalloc_core::optim::AdamWSettings;
use paramalloc_core::penalty::Penalties;
use paramalloc_core::prelude::*;
use paramalloc_core::train::{Freeze, NamedTensor};
use tests::compare::{assert_close, assert_equal};
use tests::engines::Kind;
use tests::made::{Run, random_tasks};

/// A stem below routed layers, one of them large enough for products over the
/// whole batch.
#[multitask(input = (1, 6, 6))]
struct Net {
    stem: (Conv2D<1, 4, 3>, GroupNorm<4, 2>, ReLU),
    #[routed(3)]
    conv: (Conv2D<4, 4, 3>, ReLU),
    flatten: Flatten2D,
    #[routed(2)]
    dense: (Linear<16, 512>, ReLU, Linear<512, 16>),
    #[head(classes = 3)]
    head: Linear<16, 3>,
}

const TASKS: [usize; 2] = [3; 2];

/// Everything that could change a parameter without a gradient.
fn settings() -> TrainSettings {
    TrainSettings::default()
        .seed(3)
        .batch_size(8)
        .steps_per_task(6)
        .learning_rate(0.01)
        .router_learning_rate(0.02)
        .clip_norm(0.05)
        .penalties(Penalties::default().l2_penalty(0.01))
        .optimizer(AdamWSettings::default().weight_decay(0.1))
}

fn trained(kind: Kind, settings: &TrainSettings, steps: usize) -> [Vec<NamedTensor>; 2] {
    let plan = Plan::new(&Net::NETWORK, &TASKS).unwrap();
    let tasks = random_tasks(&plan, 16, 8);
    let trainer = kind.trainer::<Net>(settings, &TASKS).unwrap();
    let start = trainer.parameters();
    let mut run = Run::new(trainer, &tasks, settings);
    run.steps(steps);
    [start, run.parameters()]
}

/// Paths of the parameters whose bits changed.
fn changed([start, end]: &[Vec<NamedTensor>; 2]) -> Vec<&str> {
    let pairs = start.iter().zip(end);
    let is_other = |(a, b): &(&NamedTensor, &NamedTensor)| {
        let bits = |t: &NamedTensor| t.values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        bits(a) != bits(b)
    };
    pairs
        .filter(is_other)
        .map(|(a, _)| a.path.as_str())
        .collect()
}

#[test]
fn a_task_that_is_not_trained_keeps_the_bits_of_what_it_has_alone() {
    let settings = settings().frozen_tasks(1);
    let [start, end] = trained(Kind::Cpu(1), &settings, 12);
    let tasks = start.iter().zip(&end);
    for (before, after) in tasks.filter(|(before, _)| before.path.ends_with(".router.logits")) {
        let row = before.values.len() / 2;
        let bits = |t: &NamedTensor| t.values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        let (before, after) = (bits(before), bits(after));
        assert_eq!(before[..row], after[..row]);
        assert_ne!(before[row..], after[row..]);
    }
    let both = [start, end];
    let changed = changed(&both);
    assert!(!changed.iter().any(|path| path.starts_with("head.0.")));
    assert!(changed.contains(&"head.1.weight") && changed.contains(&"conv.1.0.weight"));
    let all = settings.frozen_tasks(2);
    let refused = Kind::Cpu(1).trainer::<Net>(&all, &TASKS).err().unwrap();
    let sentence = refused.to_string();
    assert!(sentence.contains("frozen_tasks"), "{sentence}");
}

#[test]
fn what_is_frozen_keeps_its_bits() {
    let all = trained(Kind::Cpu(1), &settings(), 12);
    assert_eq!(changed(&all).len(), all[0].len(), "nothing is frozen");
    for (freeze, learn) in [
        ("all", &["head", "conv.router", "dense.router"][..]),
        ("stem,head.1", &["conv", "dense", "head.0"]),
        (
            "conv.1,dense.router",
            &[
                "stem",
                "conv.0",
                "conv.2",
                "conv.router",
                "dense.0",
                "dense.1",
                "head",
            ],
        ),
        (
            "stem.0.weight,dense",
            &["stem.0.bias", "stem.1", "conv", "dense.router", "head"],
        ),
    ] {
        let settings = settings().freeze(freeze);
        let cpu = trained(Kind::Cpu(2), &settings, 12);
        let learns = |path: &str| learn.iter().any(|above| path.starts_with(above));
        let expected: Vec<&str> = cpu[0]
            .iter()
            .map(|t| t.path.as_str())
            .filter(|p| learns(p))
            .collect();
        assert_eq!(changed(&cpu), expected, "{freeze}");
        let dense = trained(Kind::Dense, &settings, 12);
        assert_equal(freeze, &dense[1], &cpu[1]);
        for kind in [Kind::Tape, Kind::Composed] {
            let typed = trained(kind, &settings, 12);
            assert_eq!(changed(&typed), expected, "{freeze}, {kind:?}");
            assert_close(freeze, &typed[1], &cpu[1], 1e-4, 1e-3);
        }
    }
}

/// After one step each parameter is where it would be if all had its learning
/// rate.
#[test]
fn a_path_has_its_own_learning_rate() {
    let plain = |rate: f64| {
        TrainSettings::default()
            .seed(3)
            .batch_size(8)
            .learning_rate(rate)
    };
    let own = plain(0.01)
        .learning_rate_of("conv", 0.02)
        .learning_rate_of("conv.1", 0.04)
        .learning_rate_of("dense.router", 0.04);
    for kind in [Kind::Cpu(1), Kind::Tape] {
        let of = |settings: &TrainSettings| trained(kind, settings, 1)[1].clone();
        let [once, twice, four] = [0.01, 0.02, 0.04].map(|rate| of(&plain(rate)));
        for (i, tensor) in of(&own).into_iter().enumerate() {
            let wanted = match tensor.path.as_str() {
                path if path.starts_with("conv.1.") || path == "dense.router.logits" => &four,
                "conv.router.logits" => &once,
                path if path.starts_with("conv.") => &twice,
                _ => &once,
            };
            assert_equal(&format!("{kind:?}"), &[tensor], &wanted[i..=i]);
        }
    }
}

#[test]
fn paths_that_are_not_there() {
    let refused =
        |settings: TrainSettings| Trainer::new(&Net::NETWORK, &settings, &TASKS, 1).unwrap_err();
    let error = refused(settings().freeze("convv"));
    assert!(matches!(&error, Error::UnknownPath { path, .. } if path == "convv"));
    assert_eq!(
        error.to_string(),
        "freeze names `convv`, but nothing of `Net` lies there; its fields are stem, conv, flatten, dense, head"
    );
    let error = refused(settings().learning_rate_of("stem.router", 0.1));
    assert!(matches!(&error, Error::UnknownPath { path, .. } if path == "stem.router"));
    let error = refused(settings().learning_rate_of("stem", 0.0));
    assert_eq!(
        error.to_string(),
        "learning_rates.stem = 0 must be a finite number above 0; write it into freeze to leave it as it is"
    );
    let error = refused(settings().freeze("all,head,conv.router,dense.router"));
    assert!(matches!(error, Error::NothingLearns { .. }), "{error}");
    // A field without parameters is there.
    assert!(Trainer::new(&Net::NETWORK, &settings().freeze("flatten"), &TASKS, 1).is_ok());
    assert!(Freeze::all().is_all());
}
