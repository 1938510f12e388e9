//! What is frozen stays so in a file of settings and through a resume.

use std::fs;
use std::path::Path;

use safetensors::SafeTensors;

use crate::support::succeed;
use crate::{FLAGS, assert_same_results, copy_unfinished, mnist, resume};

const FREEZE: [&str; 2] = [
    "--freeze=conv1,head.2",
    "--learning-rates=conv2.router=0.02,head=0.01",
];

/// The names of the tensors that two runs have with other bits.
fn different(directory: &Path, one: &str, other: &str) -> Vec<String> {
    let read = |run: &str| fs::read(directory.join(run).join("parameters.safetensors")).unwrap();
    let [one, other] = [one, other].map(read);
    let [one, other] = [&one, &other].map(|bytes| SafeTensors::deserialize(bytes).unwrap());
    let is_other = |name: &&String| {
        let data = |tensors: &SafeTensors<'_>| tensors.tensor(name).unwrap().data().to_vec();
        data(&one) != data(&other)
    };
    let names: Vec<String> = one.names().into_iter().map(ToString::to_string).collect();
    names.iter().filter(is_other).cloned().collect()
}

#[test]
fn a_resumed_run_freezes_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let start = |name: &str, flags: &[&str]| {
        let logdir = format!("--logdir={name}");
        succeed(mnist(directory, &[flags, &[&logdir]].concat()));
    };
    start("whole", &[&FLAGS[..], &FREEZE].concat());
    let file = "freeze = [\"conv1\", \"head.2\"]\n\
                [learning_rates]\n\
                head = 0.01\n\
                \"conv2.router\" = 0.02\n";
    fs::write(directory.join("frozen.toml"), file).unwrap();
    start("file", &[&FLAGS[..], &["--config=frozen.toml"]].concat());
    assert_same_results(directory, "file", "whole");

    copy_unfinished(&directory.join("whole"), &directory.join("resumed"));
    let checkpoints = directory.join("resumed/checkpoints");
    let mut names: Vec<_> = (fs::read_dir(&checkpoints).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    names.sort();
    fs::remove_file(names.last().unwrap()).unwrap();
    resume(directory, "resumed");
    assert_same_results(directory, "resumed", "whole");

    let short: Vec<&str> = FLAGS
        .into_iter()
        .filter(|f| !f.starts_with("--steps"))
        .collect();
    start("short", &[&short[..], &FREEZE, &["--steps=3"]].concat());
    let moved = different(directory, "short", "whole");
    let frozen = |name: &str| {
        (name.starts_with("conv1.") && name != "conv1.router.logits") || name.starts_with("head.2.")
    };
    assert!(!moved.iter().any(|name| frozen(name)), "{moved:?}");
    for name in ["conv1.router.logits", "conv2.0.0.weight", "head.1.bias"] {
        assert!(moved.iter().any(|moved| moved == name), "{moved:?}");
    }
}
