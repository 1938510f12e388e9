//! What a run takes for what.

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{fails_in, succeeds_in};

/// 300 rows: a label, one of three classes, and a value.
fn write_table(directory: &Path) {
    let row = |i: usize| {
        let a = i * 37 % 101;
        let kind = ["x", "y", "z"][usize::from(a > 40) + usize::from(a > 90)];
        format!(
            "{a},{},{},{kind},{}.5\n",
            i * 53 % 89,
            u8::from(a > 70),
            a * 3
        )
    };
    let rows: String = (0..300).map(row).collect();
    fs::write(
        directory.join("t.csv"),
        format!("a,b,high,kind,price\n{rows}"),
    )
    .unwrap();
}

const TRAIN: &str = "train --table t.csv --features a,b --hidden 8 --components 2 --batch-size 16 \
                     --epochs 3 --quiet";

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn the_counts_are_those_of_the_predictions() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    write_table(directory);
    succeeds_in(
        directory,
        &format!("{TRAIN} --targets high,kind,price --logdir run"),
    );
    let stored = json(&directory.join("run/confusion.json"));
    assert_eq!(stored["format"], 1);
    let tasks = stored["tasks"].as_array().unwrap();
    let names: Vec<&str> = tasks.iter().map(|t| t["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["high", "kind"]);
    assert_eq!(tasks[0]["classes"], serde_json::json!(["0", "1"]));
    assert_eq!(tasks[1]["classes"], serde_json::json!(["x", "y", "z"]));

    // `predict` takes the same parameters.
    succeeds_in(directory, "predict run t.csv --out p.csv");
    let predicted = fs::read_to_string(directory.join("p.csv")).unwrap();
    let header: Vec<&str> = predicted.lines().next().unwrap().split(',').collect();
    let column = |name: &str| header.iter().position(|found| *found == name).unwrap();
    let (high, kind) = (column("high"), column("kind"));
    let table = fs::read_to_string(directory.join("t.csv")).unwrap();
    let rows: Vec<(&str, &str)> = table
        .lines()
        .skip(1)
        .zip(predicted.lines().skip(1))
        .collect();
    let test = &json(&directory.join("run/table.json"))["splits"]["test"];
    let mut expected = (vec![vec![0_u64; 2]; 2], vec![vec![0_u64; 3]; 3]);
    for row in test.as_array().unwrap() {
        let (given, found) = rows[row.as_u64().unwrap() as usize];
        let given: Vec<&str> = given.split(',').collect();
        let found: Vec<&str> = found.split(',').collect();
        let probability: f64 = found[high].parse().unwrap();
        let label: usize = given[2].parse().unwrap();
        expected.0[label][usize::from(probability >= 0.5)] += 1;
        let class = |name: &str| ["x", "y", "z"].iter().position(|c| *c == name).unwrap();
        expected.1[class(given[3])][class(found[kind])] += 1;
    }
    assert_eq!(tasks[0]["counts"]["test"], serde_json::json!(expected.0));
    assert_eq!(tasks[1]["counts"]["test"], serde_json::json!(expected.1));

    let (shown, _) = succeeds_in(directory, "show run --confusion");
    for part in [
        "0 and 1, and what test examples",
        "0 as 1",
        "kind: test examples of each class",
    ] {
        assert!(shown.contains(part), "no `{part}` in {shown}");
    }
    succeeds_in(directory, "report run --out page.html");
    let page = fs::read_to_string(directory.join("page.html")).unwrap();
    assert!(page.contains("kind: test examples of each class"));

    // Changed, it is made again.
    let path = directory.join("run/confusion.json");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, "{\"format\": 9}\n").unwrap();
    fails_in(directory, "show run --confusion", 1, &["has format 9"]);
    let (_, said) = succeeds_in(directory, "resume run --quiet");
    assert!(said.contains("confusion.json"), "{said}");
    assert_eq!(fs::read(&path).unwrap(), whole);
}

#[test]
fn a_run_on_values_has_none() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    write_table(directory);
    succeeds_in(directory, &format!("{TRAIN} --targets price --logdir run"));
    assert!(!directory.join("run/confusion.json").exists());
    let part = "has no confusion.json, which a run whose tasks have classes";
    fails_in(directory, "show run --confusion", 1, &[part]);
}
