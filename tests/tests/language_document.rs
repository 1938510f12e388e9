//! The messages that the documents of the language show are those that a user gets: of
//! the compiler as in `tests/ui/fail`, of running networks as made here.

// Release builds do not notice that examples are mixed.
#![cfg(debug_assertions)]

use std::collections::BTreeSet;
use std::path::Path;

use paramalloc_core::network::Outputs;
use paramalloc_core::prelude::dfdx::prelude::{
    Axis, BroadcastTo, Device, HasShape, MeanTo, Tape, WithEmptyTape,
};
use paramalloc_core::prelude::*;
use paramalloc_core::prune::prune;

/// The network of the document.
#[multitask(input = 24, tasks = 2)]
struct Mmoe {
    #[routed(8, gate)]
    experts: (Linear<24, 16>, ReLU),
    #[head(outputs = 1, loss = MeanSquaredError)]
    head: Linear<16, 1>,
}

fn of_pruning_gates() -> String {
    let settings = TrainSettings::default();
    let trainer = Trainer::new(&Mmoe::NETWORK, &settings, &[1; 2], 1).unwrap();
    prune(&trainer, 0, "first").unwrap_err().to_string()
}

/// Takes the mean over the batch from each value.
struct Centered;

impl CustomLayer for Centered {
    const NAME: &'static str = "Centered";
    const RULE: ShapeRule = ShapeRule::Keep;

    fn forward<D: Device<f32>, T: Tape<f32, D>>(
        x: Activations<D, T>,
        _: Vec<FlatParameter<D, T>>,
    ) -> Activations<D, T> {
        let shape = *x.shape();
        let mean = x.with_empty_tape().mean::<(usize, usize, usize), Axis<0>>();
        x - mean.broadcast_like::<_, Axis<0>>(&shape)
    }
}

fn of_mixed_examples() -> String {
    let network = Network::builder("Net", Dims::features(4))
        .shared("centered", Spec::custom::<Centered>())
        .head("head", Outputs::Equal(2), Loss::SoftmaxCrossEntropy)
        .build()
        .unwrap();
    let trainer = Trainer::new(&network, &TrainSettings::default(), &[2], 1);
    trainer.unwrap_err().to_string()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The lines of the compiler's output for all cases that it must refuse.
fn of_compiler(tests: &Path) -> BTreeSet<String> {
    let cases = std::fs::read_dir(tests.join("ui/fail")).unwrap();
    let paths = cases.map(|case| case.unwrap().path());
    let outputs = paths.filter(|path| path.extension().is_some_and(|e| e == "stderr"));
    let lines = outputs.flat_map(|path| {
        let lines: Vec<String> = read(&path).lines().map(String::from).collect();
        lines
    });
    lines.collect()
}

/// The lines of all blocks that are neither code nor settings.
fn shown(document: &str) -> Vec<&str> {
    let blocks = document.split("\n```text\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("\n```").next().unwrap_or_default());
    blocks.flat_map(str::lines).collect()
}

#[test]
fn every_message_in_the_documents_is_real() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut real = of_compiler(tests);
    real.extend([of_pruning_gates(), of_mixed_examples()]);
    for (document, errors) in [
        ("docs/language.md", 9),
        ("paramalloc-core/src/multitask.md", 1),
    ] {
        let text = read(&tests.join("..").join(document));
        let shown = shown(&text);
        // Command lines are no messages.
        let messages = shown.iter().filter(|line| !line.starts_with("--"));
        let unreal: Vec<_> = messages.filter(|line| !real.contains(**line)).collect();
        assert!(
            unreal.is_empty(),
            "{document} shows what neither a case of `tests/ui/fail` nor anything here says: {unreal:#?}"
        );
        let found = shown.iter().filter(|line| line.starts_with("error"));
        assert_eq!(found.count(), errors, "{document}: {shown:#?}");
    }
}
