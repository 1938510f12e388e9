//! How long `train` trains, and what it says on the way.

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{fails_in, succeeds_in};

/// 200 rows, of which 160 are for training.
fn write_table(directory: &Path) {
    let rows = (0..200).map(|row| {
        let (a, b) = (row * 37 % 101, row * 53 % 89);
        format!("{a},{b},{},{}\n", u8::from(a + b > 90), u8::from(b > 40))
    });
    let table = "a,b,sick,tall\n".to_owned() + &rows.collect::<String>();
    fs::write(directory.join("t.csv"), table).unwrap();
}

const TRAIN: &str = "train --table t.csv --targets sick,tall --hidden 8 --components 2";

fn config(directory: &Path, run: &str) -> Value {
    let text = fs::read_to_string(directory.join(run).join("config.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_small_table_has_enough_steps_unless_it_is_said_how_many() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    write_table(directory);
    let (_, said) = succeeds_in(directory, &format!("{TRAIN} --logdir plain"));
    let heading = "1,000 task steps for each of 2 tasks, 2,000 in all, ";
    assert!(said.contains(heading), "{said}");
    assert!(
        said.contains("task step 100 of 2,000, validation "),
        "{said}"
    );
    assert!(!said.contains(", test "), "{said}");
    let plain = config(directory, "plain");
    for (name, value) in [
        ("steps", 1000),
        ("eval_every", 50),
        ("checkpoint_every", 50),
    ] {
        assert_eq!(plain[name], value, "{name}");
    }
    assert!(plain.get("min_steps").is_none() && plain.get("epochs").is_none());

    fs::write(directory.join("long.toml"), "epochs = 3\nmin_steps = 30\n").unwrap();
    for (flags, steps, eval_every) in [
        ("--epochs 4", 10, 2),
        ("--steps 7", 7, 2),
        ("--epochs 4 --min-steps 40", 40, 10),
        ("--min-steps 3", 50, 2),
        ("--config long.toml", 30, 10),
        ("--config long.toml --epochs 2", 5, 2),
    ] {
        succeeds_in(directory, &format!("{TRAIN} {flags} --logdir run"));
        let config = config(directory, "run");
        assert_eq!(config["steps"], steps, "{flags}");
        assert_eq!(config["eval_every"], eval_every, "{flags}");
        fs::remove_dir_all(directory.join("run")).unwrap();
    }
    let refused = ["--min-steps = 0", "from 1 to"];
    fails_in(directory, &format!("{TRAIN} --min-steps 0"), 2, &refused);
    fs::write(directory.join("both.toml"), "steps = 9\nmin_steps = 30\n").unwrap();
    let refused = ["min_steps = 30", "left out where steps say how long"];
    let both = format!("{TRAIN} --config both.toml");
    fails_in(directory, &both, 2, &refused);
    let (shown, _) = succeeds_in(directory, "show plain");
    let table = directory.join("t.csv");
    let source = format!("source         table, {}\n", table.display());
    assert!(shown.contains(&source), "{shown}");
}
