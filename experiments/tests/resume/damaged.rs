//! Checkpoints that cannot be used, and runs that must not be resumed.

use std::fs;
use std::path::PathBuf;

use paramalloc_core::summary::RunManifest;
use paramalloc_core::train::{TrainSettings, Trainer, checkpoint};
use serde_json::Value;

use crate::*;

/// Networks that are not the one of the run.
mod other {
    use paramalloc_core::prelude::*;

    /// The same name, but five channels.
    #[multitask(input = (1, 28, 28), tasks = 4)]
    pub struct MnistNet {
        #[routed(4)]
        conv1: Conv2D<1, 5, 5>,
        flatten: Flatten2D,
        #[head(classes = 10)]
        head: Linear<2880, 10>,
    }

    /// Two fields without parameters are others.
    pub mod swapped {
        use paramalloc_core::prelude::*;

        #[multitask(input = (1, 28, 28), tasks = 4)]
        pub struct MnistNet {
            #[routed(4)]
            conv1: (Conv2D<1, 4, 5>, ReLU),
            pool1: AvgPool2D<2>,
            #[routed(4)]
            conv2: (Conv2D<4, 4, 3>, ReLU),
            pool2: MaxPool2D<2>,
            #[routed(4)]
            conv3: Conv2D<4, 4, 3>,
            flatten: Flatten2D,
            dropout: Dropout,
            #[head(classes = 10)]
            head: Linear<36, 10>,
        }
    }

    /// Another name.
    #[multitask(input = (1, 28, 28), tasks = 4)]
    pub struct Elsewhere {
        flatten: Flatten2D,
        #[head(classes = 10)]
        head: Linear<784, 10>,
    }
}

fn newest(run: &Path) -> PathBuf {
    run.join("checkpoints/step-000000240.safetensors")
}

/// A checkpoint of another network that says what this one's does.
fn of_network<N: paramalloc_core::network::Multitask>(bytes: &[u8]) -> Vec<u8> {
    let (_, extra) = checkpoint::read_extra::<Value>(bytes).unwrap();
    let trainer = Trainer::new(&N::NETWORK, &TrainSettings::default(), &[10; 4], 1).unwrap();
    trainer.checkpoint(&extra).unwrap()
}

/// Replaces bytes by others of the same number.
fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    let positions = bytes.windows(from.len());
    let position = positions
        .clone()
        .position(|w| w == from.as_bytes())
        .unwrap();
    bytes[position..position + to.len()].copy_from_slice(to.as_bytes());
    bytes
}

#[test]
fn a_checkpoint_that_cannot_be_used_is_named_and_the_one_before_it_taken() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    whole_run(directory);
    let whole = directory.join("whole");
    let other = [
        &FLAGS[..],
        &["--logdir=other", "--seed=4", "--learning-rate=0.01"],
    ]
    .concat();
    succeed(mnist(directory, &other));
    let bytes = fs::read(newest(&whole)).unwrap();
    let mut flipped = bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let (old, new) = ("{\\\"format\\\":3,", "{\\\"format\\\":4,");
    let cases: [(Vec<u8>, &str); 9] = [
        (
            bytes[..bytes.len() / 2].to_vec(),
            "not a whole safetensors file",
        ),
        (Vec::new(), "not a whole safetensors file"),
        (flipped, "it is damaged: its checksum does not fit"),
        (
            replaced(
                &bytes,
                "\\\"batch_size\\\\\\\":16",
                "\\\"batch_size\\\\\\\":17",
            ),
            "it is damaged: its checksum does not fit",
        ),
        (
            replaced(&bytes, old, new),
            "it has format 4, and this program reads format 3",
        ),
        (
            of_network::<other::MnistNet>(&bytes),
            "the parameter `conv1.0.0.weight` has shape [5, 1, 5, 5], but the network has [4, 1, 5, 5]",
        ),
        (
            of_network::<other::swapped::MnistNet>(&bytes),
            "its network has other fields: `pool2` is MaxPool2D<2> in it, but in the network `pool2` is AvgPool2D<2>",
        ),
        (
            of_network::<other::Elsewhere>(&bytes),
            "it is a checkpoint of the network `Elsewhere`, not of `MnistNet`",
        ),
        (
            fs::read(newest(&directory.join("other"))).unwrap(),
            "it is of a run with learning_rate = 0.01, not 0.005; seed = 4, not 0",
        ),
    ];
    for (position, (content, sentence)) in cases.into_iter().enumerate() {
        let name = format!("damaged-{position}");
        let run = directory.join(&name);
        copy_unfinished(&whole, &run);
        fs::write(newest(&run), content).unwrap();
        let said = resume(directory, &name);
        assert_eq!(said.lines().count(), 1, "{said}");
        let file = format!("{name}/checkpoints/step-000000240.safetensors");
        assert_has(&said, &format!("warning: {file}: {sentence}"));
        assert_same_results(directory, "whole", &name);
    }
}

#[test]
fn the_manifest_of_a_run_names_what_was_changed_since() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    whole_run(directory);
    let whole = directory.join("whole");
    let run = directory.join("run");
    copy_unfinished(&whole, &run);
    fs::copy(whole.join("manifest.json"), run.join("manifest.json")).unwrap();
    fs::remove_file(newest(&run)).unwrap();
    assert_eq!(resume(directory, "run"), "");
    for run in [&whole, &run] {
        let manifest = fs::read(run.join("manifest.json")).unwrap();
        let manifest: RunManifest = serde_json::from_slice(&manifest).unwrap();
        let names: Vec<&str> = manifest.files.keys().map(String::as_str).collect();
        assert_eq!(manifest.format, 1);
        assert!(names.contains(&"checkpoints/step-000000240.safetensors"));
        assert!(names.contains(&"parameters.safetensors"), "{names:?}");
        assert!(manifest.growing.keys().eq(["metrics.jsonl"]));
        assert!(manifest.changed(run).unwrap().is_empty());
        fs::write(run.join("config.json"), "{}").unwrap();
        assert_eq!(manifest.changed(run).unwrap(), ["config.json"]);
    }
}

#[test]
fn without_any_checkpoint_of_use_a_run_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    whole_run(directory);
    let run = directory.join("run");
    copy_unfinished(&directory.join("whole"), &run);
    let resumed = ["resume", "run", "--quiet"];
    // Shorter metrics than the checkpoints say.
    let metrics = fs::read(run.join("metrics.jsonl")).unwrap();
    fs::write(run.join("metrics.jsonl"), &metrics[..100]).unwrap();
    let output = mnist(directory, &resumed).output().unwrap();
    let sentence = refusal(&output);
    assert_has(
        &sentence,
        "no checkpoint can be used (run/checkpoints/step-",
    );
    assert_has(&sentence, "bytes of metrics.jsonl, which has 100");
    assert_has(&sentence, "put run/metrics.jsonl back as it was");
    let said = text(&output.stderr);
    assert_eq!(said.matches("the one before it is tried").count(), 2);
    assert_eq!(said.lines().count(), 3, "nothing is said twice: {said}");
    assert_eq!(fs::read(run.join("metrics.jsonl")).unwrap().len(), 100);
    // As many bytes, but one of them another.
    let mut changed = metrics.clone();
    changed[50] ^= 1;
    fs::write(run.join("metrics.jsonl"), changed).unwrap();
    let output = mnist(directory, &resumed).output().unwrap();
    assert_has(
        &refusal(&output),
        "bytes of metrics.jsonl, which are others now",
    );
    // As the sentence says.
    fs::rename(run.join("checkpoints"), directory.join("aside")).unwrap();
    assert_eq!(resume(directory, "run"), "");
    assert_same_results(directory, "whole", "run");
}

#[test]
fn the_advice_is_that_for_what_was_changed() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    whole_run(directory);
    let run = directory.join("run");
    copy_unfinished(&directory.join("whole"), &run);
    let resumed = ["resume", "run", "--quiet"];
    let config = fs::read_to_string(run.join("config.json")).unwrap();
    let other = config.replace("\"seed\": 0", "\"seed\": 7");
    fs::write(run.join("config.json"), other).unwrap();
    let output = mnist(directory, &resumed).output().unwrap();
    let sentence = refusal(&output);
    assert_has(&sentence, "it is of a run with seed = 0, not 7");
    assert_has(
        &sentence,
        "if run/config.json was changed, put it back as it was",
    );
    fs::write(run.join("config.json"), config).unwrap();
    let checkpoints = run.join("checkpoints");
    for file in fs::read_dir(&checkpoints).unwrap() {
        fs::write(file.unwrap().path(), "no").unwrap();
    }
    let output = mnist(directory, &resumed).output().unwrap();
    assert_has(
        &refusal(&output),
        "put a whole one back, or move run/checkpoints away",
    );
    // The only one has none before it.
    fs::remove_dir_all(&checkpoints).unwrap();
    fs::create_dir(&checkpoints).unwrap();
    fs::write(newest(&run), "no").unwrap();
    let output = mnist(directory, &resumed).output().unwrap();
    assert_eq!(text(&output.stderr).lines().count(), 1);
}

#[test]
fn a_run_that_drew_its_data_goes_on_where_published_ones_are() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    whole_run(directory);
    let run = directory.join("run");
    copy_unfinished(&directory.join("whole"), &run);
    fs::remove_file(newest(&run)).unwrap();
    // As it is where nothing was found.
    let config = fs::read_to_string(run.join("config.json")).unwrap();
    let auto = config.replace("\"data\": \"generated\"", "\"data\": \"auto\"");
    assert_ne!(auto, config);
    fs::write(run.join("config.json"), auto).unwrap();
    // Now there are some, which are refused if they are looked at.
    let data = directory.join("data/mnist");
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("train-images-idx3-ubyte.gz"), "no").unwrap();
    let resumed = ["resume", "run", "--quiet", "--data-dir=data"];
    succeed(mnist(directory, &resumed));
    assert_same_results(directory, "whole", "run");
}

#[test]
fn a_config_that_is_missing_or_broken_is_made_from_a_checkpoint() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    whole_run(directory);
    let run = directory.join("run");
    copy_unfinished(&directory.join("whole"), &run);
    fs::remove_file(newest(&run)).unwrap();
    let config = fs::read(run.join("config.json")).unwrap();
    fs::remove_file(run.join("config.json")).unwrap();
    let said = resume(directory, "run");
    assert_has(
        &said,
        "warning: run/config.json: this file of the run is missing;",
    );
    assert_has(&said, "the settings in run/checkpoints/step-");
    assert_same_results(directory, "whole", "run");
    let made = || fs::read(run.join("config.json")).unwrap();
    assert!(made() == config);

    fs::remove_file(run.join("summary.json")).unwrap();
    fs::write(run.join("config.json"), "{\"seed\": ").unwrap();
    assert_has(&resume(directory, "run"), "warning: run/config.json: ");
    assert!(made() == config);

    fs::write(run.join("config.json"), "{").unwrap();
    fs::remove_dir_all(run.join("checkpoints")).unwrap();
    let output = mnist(directory, &["resume", "run"]).output();
    let sentence = refusal(&output.unwrap());
    assert_has(&sentence, "run/config.json: ");
    assert_has(&sentence, "; put it back from a copy");
}

#[test]
fn a_run_whose_last_checkpoint_was_not_written_is_not_finished() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    whole_run(directory);
    let run = directory.join("run");
    copy_unfinished(&directory.join("whole"), &run);
    fs::remove_file(newest(&run)).unwrap();
    fs::create_dir(newest(&run)).unwrap();
    let resumed = ["resume", "run", "--quiet"];
    let output = mnist(directory, &resumed).output().unwrap();
    assert_has(&refusal(&output), "cannot write run/checkpoints/step-");
    let summary = fs::read(run.join("summary.json")).unwrap();
    let summary: Value = serde_json::from_slice(&summary).unwrap();
    assert_eq!(summary["finished"], false);
    fs::remove_dir(newest(&run)).unwrap();
    assert_eq!(resume(directory, "run"), "");
    assert_same_results(directory, "whole", "run");
}

#[test]
fn a_summary_that_is_broken_or_another_run_s_finishes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    whole_run(directory);
    let run = directory.join("run");
    copy_unfinished(&directory.join("whole"), &run);
    fs::remove_file(newest(&run)).unwrap();
    let whole = fs::read_to_string(directory.join("whole/summary.json")).unwrap();
    let seed = whole.replace("\"seed\": 0", "\"seed\": 7");
    let steps = whole.replace("\"total_task_steps\": 240", "\"total_task_steps\": 320");
    let steps = steps.replace("\"global_step\": 240", "\"global_step\": 320");
    let cases = [
        (seed, "run/summary.json is of a run with seed = 7, not 0;"),
        (steps, "total_task_steps = 320, not 240;"),
        ("{".to_owned(), "`run/summary.json` is broken at line 1"),
    ];
    for (summary, sentence) in cases {
        assert_ne!(summary, whole);
        fs::write(run.join("summary.json"), summary).unwrap();
        let said = resume(directory, "run");
        assert_has(&said, sentence);
        assert_has(&said, "the run is taken for unfinished\n");
        assert_same_results(directory, "whole", "run");
    }
}

#[test]
fn a_finished_run_is_left_as_it_is_and_other_settings_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    whole_run(directory);
    let run = directory.join("whole");
    fs::remove_dir_all(run.join("checkpoints")).unwrap();
    fs::remove_file(run.join("run.lock")).unwrap();
    let free = [
        "--threads=3",
        "--checkpoint-every=1",
        "--keep-checkpoints=9",
    ];
    let resumed = ["resume", "whole"];
    let (out, _) = succeed(mnist(directory, &[&resumed[..], &free].concat()));
    assert_has(&out, "The run in whole is finished");
    assert_eq!(fs::read_dir(&run).unwrap().count(), 8, "nothing was made");

    let cases = [
        (
            "--seed=4",
            "the run in whole was begun with seed = 0, not 4: leave out --seed, or begin another run with another --logdir",
        ),
        ("--epochs=20", "steps = 60, not 120: leave out --epochs, or"),
        (
            "--clip-norm=2",
            "clip_norm = 1.0, not 2.0: leave out --clip-norm",
        ),
        ("--train-examples=80", "train_examples = 96, not 80"),
        (
            "--data=real",
            "the run in whole was trained on generated digits (first 96 train, 40 test), not on --data real; leave that out, or begin",
        ),
        ("--method=no_sharing", "router.method = "),
    ];
    for (flag, part) in cases {
        let output = mnist(directory, &[&resumed[..], &[flag]].concat());
        let output = { output }.output().unwrap();
        assert_has(&refusal(&output), part);
    }
    fs::remove_file(run.join("config.json")).unwrap();
    let output = mnist(directory, &resumed).output().unwrap();
    assert_has(
        &refusal(&output),
        "config.json: this file of the run is missing",
    );
    let output = mnist(directory, &["resume"]).output().unwrap();
    assert_has(&refusal(&output), "<RUN>");
}
