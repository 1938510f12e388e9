//! Random changes of images in training, and their normalization, of the program
//! `own_data`.

use crate::own_data::{make_tasks, own_data};
use crate::*;

const FLAGS: [&str; 6] = [
    "--data-dir=mine",
    "--steps=24",
    "--eval-every=8",
    "--checkpoint-every=8",
    "--validation-share=0.2",
    "--quiet",
];

const CHANGES: [&str; 4] = [
    "--random-crop=0.7",
    "--random-flip",
    "--random-shift=3",
    "--normalize",
];

fn train(directory: &Path, logdir: &str, flags: &[&str]) -> Vec<u8> {
    let logdir = format!("--logdir={logdir}");
    succeed(own_data(
        directory,
        &[&FLAGS[..], flags, &[&logdir]].concat(),
    ));
    parameters(directory, &logdir["--logdir=".len()..])
}

fn parameters(directory: &Path, run: &str) -> Vec<u8> {
    fs::read(directory.join(run).join("parameters.safetensors")).unwrap()
}

#[test]
fn changes_are_a_function_of_seed_and_step() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    make_tasks(&directory.join("mine"));
    let one = train(directory, "one", &[&CHANGES[..], &["--threads=1"]].concat());
    let three = train(
        directory,
        "three",
        &[&CHANGES[..], &["--threads=3"]].concat(),
    );
    assert!(one == three);
    let toml = "random_crop = 0.7\nrandom_flip = true\nrandom_shift = 3\nnormalize = true\n";
    fs::write(directory.join("images.toml"), toml).unwrap();
    assert!(one == train(directory, "toml", &["--config=images.toml"]));

    let run = directory.join("three");
    for file in ["summary.json", "parameters.safetensors", "best.safetensors"] {
        fs::remove_file(run.join(file)).unwrap();
    }
    fs::remove_file(run.join("checkpoints/step-000000048.safetensors")).unwrap();
    succeed(own_data(directory, &["resume", "three", "--quiet"]));
    assert!(one == parameters(directory, "three"));
    let summary = |run: &str| fs::read(directory.join(run).join("summary.json")).unwrap();
    assert!(summary("one") == summary("three"));

    // Each of them does something.
    let mut seen = vec![one, train(directory, "none", &[])];
    assert!(seen[0] != seen[1]);
    for (number, flag) in CHANGES.iter().enumerate() {
        let found = train(directory, &format!("only{number}"), &[flag]);
        assert!(!seen.contains(&found), "{flag}");
        seen.push(found);
    }
}

#[test]
fn images_are_normalized_wherever_they_are_read() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    make_tasks(&directory.join("mine"));
    let flags = ["--normalize", "--random-shift=2", "--learning-rate=0.003"];
    train(directory, "run", &flags);
    let stored = &config(&directory.join("run"))["normalization"];
    // Red is 40 to 49 in one half of the images, 200 to 209 in the other.
    let mean = stored["mean"][0].as_f64().unwrap();
    let deviation = stored["deviation"][0].as_f64().unwrap();
    assert!((mean - 124.5 / 255.0).abs() < 0.02, "{stored}");
    assert!((deviation - 80.0 / 255.0).abs() < 0.02, "{stored}");

    // The results of the run, those of its evaluation and of its predictions are of the
    // same images.
    let summary = fs::read(directory.join("run/summary.json")).unwrap();
    let summary: Value = serde_json::from_slice(&summary).unwrap();
    for task in summary["tasks"].as_array().unwrap() {
        assert_eq!(task["results"]["test"], 1.0, "{summary}");
    }
    let (table, _) = succeed(own_data(directory, &["eval", "run", "--once"]));
    assert_has(&table, "100.00 %");
    for class in ["cat", "dog"] {
        let images = format!("mine/pets/{class}");
        let (table, _) = succeed(own_data(directory, &["predict", "run", &images]));
        let names = table.lines().skip(1);
        let names = names.map(|line| line.split(',').nth(4).unwrap());
        assert_eq!(names.filter(|name| *name == class).count(), 10, "{table}");
    }

    // What is stored is not what images of other channels need.
    let path = directory.join("run/config.json");
    let mut changed = config(&directory.join("run"));
    changed["normalization"]["mean"] = serde_json::json!([0.5]);
    fs::write(&path, changed.to_string()).unwrap();
    fs::remove_file(directory.join("run/manifest.json")).unwrap();
    let output = own_data(directory, &["predict", "run", "mine/pets/cat"]);
    let said = refusal(&{ output }.output().unwrap());
    assert_has(&said, "for each of the 3 channels of its images");
}

#[test]
fn what_does_not_fit_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    make_tasks(&directory.join("mine"));
    for (flag, part) in [
        (
            "--random-crop=0",
            "--random-crop = 0 must be above 0 and at most 1",
        ),
        ("--random-crop=1.5", "--random-crop = 1.5 must be above 0"),
        (
            "--random-shift=32",
            "--random-shift = 32 must be less than the rows and columns of the images, 32x32",
        ),
    ] {
        let arguments = [&FLAGS[..], &[flag, "--logdir=none"]].concat();
        let output = own_data(directory, &arguments).output().unwrap();
        assert_has(&refusal(&output), part);
        assert_eq!(output.status.code(), Some(2));
    }
    assert!(!directory.join("none").exists());
    let program = env!("CARGO_BIN_EXE_synthetic");
    let mut synthetic = command(program, directory, &["--random-flip", "--steps=1"]);
    let said = refusal(&synthetic.output().unwrap());
    assert_has(&said, "random_flip is for images, but the network reads");
}
