//! The subcommand `prune`.

use std::fs;

use experiments::MnistNet;
use paramalloc_core::network::Multitask;
use paramalloc_core::prune::PrunedNetwork;
use paramalloc_core::train::{TrainSettings, Trainer, from_safetensors};
use paramalloc_data::{DataChoice, DataOptions, mnist_tasks};

use crate::*;

fn prune(directory: &Path, task: &str, out: &str) -> Command {
    mnist(directory, &["prune", "whole", "--task", task, "--out", out])
}

#[test]
fn the_network_of_a_task_alone_gives_the_same_logits() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let arguments = ["--logdir=whole", "--method=no_sharing"];
    succeed(mnist(directory, &[&FLAGS[..], &arguments].concat()));
    let (out, _) = succeed(prune(directory, "MNIST-Rot", "two.safetensors"));
    assert_has(
        &out,
        "MNIST-Rot (--task 2) alone, from whole/checkpoints/step-000000240",
    );
    assert_has(&out, "conv3: components 2 of 4");
    // 400 of 1,600 parameters and a quarter of the multiply-adds below the
    // heads, with a head of 370 and 360 on both sides.
    assert_has(&out, "parameters     770 of 1,970 (39.1 %)");
    assert_has(&out, "multiply-adds  73,656 of 293,544 (25.1 %)");
    let bytes = fs::metadata(directory.join("two.safetensors"))
        .unwrap()
        .len();
    let bytes = format!("{},{:03} bytes", bytes / 1000, bytes % 1000);
    assert_has(&out, &bytes);
    assert_has(&out, "bit for bit");

    let bytes = fs::read(directory.join("two.safetensors")).unwrap();
    let mut alone = PrunedNetwork::load(&MnistNet::NETWORK, &bytes).unwrap();
    assert_eq!(alone.manifest.task_name, "MNIST-Rot");
    let mut settings = TrainSettings::default();
    settings.router.method = "no_sharing".parse().unwrap();
    let mut whole = Trainer::new(&MnistNet::NETWORK, &settings, &[10; 4], 1).unwrap();
    let parameters = fs::read(directory.join("whole/parameters.safetensors")).unwrap();
    let (parameters, _) = from_safetensors(&parameters).unwrap();
    whole.set_parameters(&parameters).unwrap();
    let options = DataOptions::default().data(DataChoice::Generated);
    let (tasks, _) = mnist_tasks(&options, &mut |_: &str| {}).unwrap();
    let mut inputs = vec![0.0; 9 * 28 * 28];
    for (index, input) in inputs.chunks_exact_mut(28 * 28).enumerate() {
        tasks[2].evaluation[1].1.write_input(index, None, input);
    }
    let logits = whole.logits(2, &inputs).unwrap();
    assert_eq!(alone.logits(&inputs).unwrap(), logits);
    assert_ne!(logits, whole.logits(0, &inputs).unwrap());
}

#[test]
fn a_stopped_run_is_pruned_from_its_newest_checkpoint() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    whole_run(directory);
    succeed(prune(directory, "3", "finished"));
    let last = directory.join("whole/checkpoints/step-000000240.safetensors");
    let kept = fs::read(&last).unwrap();
    // The parameters alone are not trusted where there is a checkpoint, and
    // that they were changed is said.
    let parameters = directory.join("whole/parameters.safetensors");
    let mut changed = fs::read(&parameters).unwrap();
    *changed.last_mut().unwrap() ^= 1;
    fs::write(&parameters, &changed).unwrap();
    let (_, said) = succeed(prune(directory, "3", "checked"));
    assert_has(
        &said,
        "whole/parameters.safetensors: its content is not what manifest.json says",
    );
    let mut damaged = kept.clone();
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(&last, damaged).unwrap();
    *changed.last_mut().unwrap() ^= 1;
    fs::write(&parameters, changed).unwrap();
    let (_, said) = succeed(prune(directory, "3", "parameters"));
    assert_has(&said, "step-000000240.safetensors: it is damaged");
    assert_has(
        &said,
        "parameters.safetensors is taken, which has no checksum",
    );
    fs::write(&last, kept).unwrap();
    fs::remove_file(directory.join("whole/summary.json")).unwrap();
    fs::write(directory.join("whole/parameters.safetensors"), "old").unwrap();
    let (out, _) = succeed(prune(directory, "MNIST-Rot-2", "stopped"));
    assert_has(&out, "whole/checkpoints/step-000000240.safetensors");
    let read = |name: &str| fs::read(directory.join(name)).unwrap();
    assert!(read("finished") == read("stopped"));
    assert!(read("finished") == read("checked"));
    assert!(read("finished") == read("parameters"));

    let output = prune(directory, "4", "four").output().unwrap();
    assert_has(
        &refusal(&output),
        "no task `4`; the tasks are MNIST, MNIST-2",
    );
    assert!(!directory.join("four").exists());
    let output = prune(directory, "0", "stopped").output().unwrap();
    assert_has(&refusal(&output), "stopped is there already");
    // Before any data are looked for.
    fs::create_dir(directory.join("made")).unwrap();
    let cases = [
        ("none/three", "there is no directory none;"),
        ("made", "made is a directory;"),
    ];
    for (out, sentence) in cases {
        let output = prune(directory, "3", out).output().unwrap();
        assert_has(&refusal(&output), sentence);
        assert_eq!(text(&output.stderr).lines().count(), 1);
    }
    let output = prune(directory, "-1", "minus").output().unwrap();
    assert_has(&refusal(&output), "no task `-1`; the tasks are");
    fs::remove_dir_all(directory.join("whole/checkpoints")).unwrap();
    let output = prune(directory, "0", "zero").output().unwrap();
    assert_has(
        &refusal(&output),
        "whole/parameters.safetensors: not a whole",
    );
}
