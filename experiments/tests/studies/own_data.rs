//! The program `own_data` on images made here, and a run whose data are named
//! by a relative path.

use png::{ColorType, Encoder};

use crate::pruned::Compare;
use crate::*;

/// Two tasks of two classes that differ in brightness.
pub fn make_tasks(directory: &Path) {
    for (task, classes) in [("pets", ["cat", "dog"]), ("farm", ["cow", "pig"])] {
        for (level, class) in [40, 200].into_iter().zip(classes) {
            let class = directory.join(task).join(class);
            fs::create_dir_all(&class).unwrap();
            for number in 0..10u8 {
                let positions = (0..32).flat_map(|y| (0..32).map(move |x| (x, y)));
                let pixels = positions.flat_map(|(x, y)| [level + number, x * 7, y * 5]);
                let file = fs::File::create(class.join(format!("{number}.png"))).unwrap();
                let mut encoder = Encoder::new(file, 32, 32);
                encoder.set_color(ColorType::Rgb);
                let mut writer = encoder.write_header().unwrap();
                let pixels: Vec<u8> = pixels.collect();
                writer.write_image_data(&pixels).unwrap();
            }
        }
    }
}

pub fn own_data(directory: &Path, arguments: &[&str]) -> Command {
    command(env!("CARGO_BIN_EXE_own_data"), directory, arguments)
}

const FLAGS: [&str; 5] = [
    "--data-dir=mine",
    "--steps=30",
    "--eval-every=10",
    "--checkpoint-every=10",
    "--quiet",
];

#[test]
fn a_directory_of_images_is_an_experiment_like_the_others() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    make_tasks(&directory.join("mine"));
    let (report, _) = succeed(own_data(
        directory,
        &[&FLAGS[..], &["--logdir=run"]].concat(),
    ));
    for part in [
        "\nfarm ",
        "\npets ",
        "block2",
        "new-images --out p.csv",
        "plot    cargo run",
    ] {
        assert_has(&report, part);
    }
    let (table, _) = succeed(own_data(directory, &["eval", "run"]));
    assert_has(&table, "the last: step ");
    let (table, _) = succeed(own_data(directory, &["predict", "run", "mine/pets/dog"]));
    assert_has(
        &table,
        "file,farm,farm:cow,farm:pig,pets,pets:cat,pets:dog\n0.png,",
    );
    let names = table
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(4).unwrap());
    assert!(names.filter(|name| *name == "dog").count() == 10, "{table}");
    pruned::prune(env!("CARGO_BIN_EXE_own_data"), directory, "pets");
    let compare = Compare {
        run: &directory.join("run"),
        pruned: &directory.join("alone"),
        task: 1,
    };
    compare.check();

    let output = own_data(directory, &["--quiet"]).output().unwrap();
    assert_has(&refusal(&output), "--data-dir DIR");
    let output = own_data(directory, &["--data=generated"]).output().unwrap();
    assert_has(&refusal(&output), "--data has no effect on `own_data`");
    assert!(!directory.join("runs").exists());
}

#[test]
fn the_data_of_a_run_are_found_from_anywhere() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    make_tasks(&directory.join("mine"));
    succeed(own_data(
        directory,
        &[&FLAGS[..], &["--logdir=run"]].concat(),
    ));
    let run = directory.join("run");
    let stored = config(&run)["data_dir"].as_str().unwrap().to_owned();
    assert!(Path::new(&stored).is_absolute(), "{stored}");
    assert_eq!(
        fs::canonicalize(&stored).unwrap(),
        fs::canonicalize(directory.join("mine")).unwrap()
    );

    let elsewhere = directory.join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    succeed(own_data(&elsewhere, &["eval", "../run", "--once"]));
    let arguments = ["prune", "../run", "--task=0", "--out=alone"];
    succeed(own_data(&elsewhere, &arguments));

    // Stopped before its last checkpoint, it resumes from there; another path
    // to the same data is no other data.
    let unfinished = || {
        fs::remove_file(run.join("summary.json")).unwrap();
        fs::remove_file(run.join("parameters.safetensors")).unwrap();
        fs::remove_file(run.join("checkpoints/step-000000060.safetensors")).unwrap();
    };
    let results = || fs::read(run.join("parameters.safetensors")).unwrap();
    let before = results();
    let resumed = ["resume", "../run", "--quiet"];
    unfinished();
    succeed(own_data(&elsewhere, &resumed));
    assert!(results() == before);
    unfinished();
    let named = [&resumed[..], &["--data-dir=../elsewhere/../mine"]].concat();
    succeed(own_data(&elsewhere, &named));
    assert!(results() == before);

    // Moved data are to be named.
    fs::create_dir(directory.join("moved")).unwrap();
    fs::rename(directory.join("mine"), directory.join("moved/mine")).unwrap();
    let evaluate = ["eval", "run", "--once"];
    let output = own_data(directory, &evaluate).output().unwrap();
    assert_has(
        &refusal(&output),
        "with data; --data-dir names the one where they are",
    );
    let named = [&evaluate[..], &["--data-dir=moved/mine"]].concat();
    succeed(own_data(directory, &named));
    fs::remove_file(directory.join("moved/mine/pets/cat/3.png")).unwrap();
    let output = own_data(directory, &named).output().unwrap();
    assert_has(&refusal(&output), "data file pets has other content");
}
