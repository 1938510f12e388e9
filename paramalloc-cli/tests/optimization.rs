//! Optimizer, schedule and clipping of `train`, as flags and from files.

mod support;

use std::fs;
use std::path::Path;

use support::{fails_in, succeeds_in};

/// 200 rows; `sick` and `tall` are functions of the others.
fn write_table(directory: &Path) {
    let rows = (0..200).map(|row| {
        let (a, b) = (row * 37 % 101, row * 53 % 89);
        format!("{a},{b},{},{}\n", u8::from(a + b > 90), u8::from(b > 40))
    });
    let table = "a,b,sick,tall\n".to_owned() + &rows.collect::<String>();
    fs::write(directory.join("t.csv"), table).unwrap();
}

const TRAIN: &str = "train --table t.csv --targets sick,tall --hidden 8 --components 2 \
                     --batch-size 16 --epochs 4 --checkpoint-every 5 --keep-checkpoints 9 --quiet";

const FLAGS: &str = "--optimizer adamw --weight-decay 0.3 --schedule cosine --warm-up 10 \
                     --schedule-minimum 0.1 --clip-norm 0.5";

#[test]
fn flags_and_files_are_the_same_and_a_run_resumes_with_them() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    write_table(directory);
    succeeds_in(directory, &format!("{TRAIN} {FLAGS} --logdir run"));
    let bytes = |run: &str, file: &str| fs::read(directory.join(run).join(file)).unwrap();
    let parameters = |run: &str| bytes(run, "parameters.safetensors");

    let toml = "clip_norm = 0.5\n[optimizer]\nname = \"adamw\"\nweight_decay = 0.3\n\
                [schedule]\nname = \"cosine\"\nwarm_up = 10\nminimum = 0.1\n";
    fs::write(directory.join("o.toml"), toml).unwrap();
    let json = r#"{"clip_norm": 0.5, "optimizer": "adamw", "schedule": "cosine"}"#;
    fs::write(directory.join("o.json"), json).unwrap();
    succeeds_in(directory, &format!("{TRAIN} --config o.toml --logdir toml"));
    assert_eq!(parameters("run"), parameters("toml"));
    let parts = "--weight-decay 0.3 --warm-up 10 --schedule-minimum 0.1";
    succeeds_in(
        directory,
        &format!("{TRAIN} --config o.json {parts} --logdir json"),
    );
    assert_eq!(parameters("run"), parameters("json"));

    // As if it had been killed before its last two checkpoints.
    for name in ["summary.json", "parameters.safetensors", "best.safetensors"] {
        fs::remove_file(directory.join("toml").join(name)).unwrap();
    }
    let checkpoints = fs::read_dir(directory.join("toml/checkpoints")).unwrap();
    let mut checkpoints: Vec<_> = checkpoints.map(|entry| entry.unwrap().path()).collect();
    checkpoints.retain(|path| path.to_string_lossy().contains("step-"));
    checkpoints.sort();
    assert!(checkpoints.len() > 3);
    for path in checkpoints.iter().rev().take(2) {
        fs::remove_file(path).unwrap();
    }
    succeeds_in(directory, "resume toml --quiet --optimizer adamw");
    for file in ["parameters.safetensors", "metrics.jsonl", "summary.json"] {
        assert_eq!(bytes("run", file), bytes("toml", file), "{file}");
    }
    let refused = "resume toml --schedule constant";
    let parts = [
        "schedule.name = \"cosine\", not \"constant\"",
        "leave out --schedule",
    ];
    fails_in(directory, refused, 1, &parts);

    let (shown, _) = succeeds_in(directory, "show run");
    for line in [
        "optimizer      adamw (betas 0.9 and 0.999, epsilon 1e-8, weight_decay 0.3)",
        "learning rate  0.001, of the routers 0.02",
        "schedule       cosine (minimum 0.1, warm_up 10)",
        "clipping       gradients to a norm of 0.5",
    ] {
        assert!(shown.contains(line), "no `{line}` in {shown}");
    }
}

#[test]
fn each_setting_changes_the_result() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    write_table(directory);
    let mut seen: Vec<Vec<u8>> = Vec::new();
    for (index, flags) in [
        "",
        "--optimizer adamw",
        "--optimizer adamw --weight-decay 0.5",
        "--optimizer sgd",
        "--optimizer sgd --momentum 0",
        "--schedule warm_up --warm-up 20",
        "--schedule cosine",
        "--schedule steps --schedule-at 10,20",
        "--schedule steps --schedule-at 10,20 --schedule-factor 0.5",
        "--clip-norm 0.01",
    ]
    .into_iter()
    .enumerate()
    {
        let logdir = format!("r{index}");
        succeeds_in(
            directory,
            &format!("{TRAIN} --epochs 2 {flags} --logdir {logdir}").replacen("--epochs 4 ", "", 1),
        );
        let found = fs::read(directory.join(logdir).join("parameters.safetensors")).unwrap();
        assert!(!seen.contains(&found), "{flags}");
        seen.push(found);
    }
}

#[test]
fn what_does_not_fit_is_said() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    write_table(directory);
    for (flags, part) in [
        ("--optimizer adagrad", "possible values: adam, adamw, sgd"),
        (
            "--weight-decay 0.1",
            "--weight-decay is a setting of the optimizer adamw, but this is adam",
        ),
        (
            "--optimizer sgd --weight-decay 0.1",
            "give --optimizer adamw with it",
        ),
        (
            "--warm-up 3",
            "a setting of the schedules warm_up and cosine, but this is constant",
        ),
        ("--schedule warm_up", "the schedule warm_up needs --warm-up"),
        ("--schedule steps", "the schedule steps needs --schedule-at"),
        (
            "--optimizer adamw --weight-decay -1",
            "--weight-decay = -1 must be a finite number of at least 0",
        ),
        (
            "--optimizer sgd --momentum 1",
            "--momentum = 1 must be at least 0 and below 1",
        ),
        (
            "--schedule cosine --schedule-minimum 2",
            "--schedule-minimum = 2 must be",
        ),
        (
            "--schedule steps --schedule-at 9,3",
            "--schedule-at = [9, 3] must be",
        ),
        (
            "--schedule steps --schedule-at 9 --schedule-factor 0",
            "--schedule-factor = 0 must be",
        ),
        ("--clip-norm 0", "--clip-norm = 0 must be"),
    ] {
        let command = format!("{TRAIN} {flags} --logdir none");
        fails_in(directory, &command, 2, &[part]);
    }
    for (file, part) in [
        ("weight_decay = 0.1\n", "write it under [optimizer]"),
        ("optimizer = \"adagrad\"\n", "adagrad"),
        ("[schedule]\nname = \"warm_up\"\n", "`steps`"),
        (
            "[optimizer]\nname = \"sgd\"\nbetas = [0.9, 0.9]\n",
            "`betas`",
        ),
    ] {
        fs::write(directory.join("o.toml"), file).unwrap();
        let command = format!("{TRAIN} --config o.toml --logdir none");
        fails_in(directory, &command, 2, &["o.toml: ", part]);
    }
    assert!(!directory.join("none").exists());
}
