//! Weights, balanced batches, splits and metrics of `train`, as a user types them.

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{fails_in, succeeds_in};

/// 300 rows; every tenth with a large `a` is `rare`; `kind` has three classes.
fn rows() -> Vec<String> {
    let row = |i: usize| {
        let a = i * 37 % 101;
        let rare = u8::from(a > 70 && i.is_multiple_of(3));
        let kind = ["x", "y", "z"][usize::from(a > 40) + usize::from(a > 90)];
        let price = 1000.0 * a as f64 + (i % 7) as f64;
        format!("{a},{},{rare},{kind},{price},{}", i * 53 % 89, i % 5)
    };
    (0..300).map(row).collect()
}

const HEADER: &str = "a,b,rare,kind,price,age";

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

const TRAIN: &str = "train --table t.csv --targets rare,kind --features a,b --hidden 8 \
                     --components 2 --batch-size 16 --epochs 2 --quiet --split stratified";

#[test]
fn weights_and_balanced_batches_are_stored_and_resumed() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    let table = format!("{HEADER}\n{}\n", rows().join("\n"));
    fs::write(directory.join("t.csv"), table).unwrap();
    let weights = "--class-weights rare=4,kind:z=3 --task-weights kind=0.5 --balanced-batches";
    succeeds_in(directory, &format!("{TRAIN} {weights} --logdir run"));
    let config = json(&directory.join("run/config.json"));
    assert_eq!(config["tasks"][0]["class_weights"][0], 4.0);
    let kind = &config["tasks"][1];
    assert_eq!(kind["class_weights"], serde_json::json!([1.0, 1.0, 3.0]));
    assert_eq!(kind["weight"], 0.5);
    assert_eq!(config["balanced_batches"], true);

    // The same from a file; and each of them changes something.
    let toml = "balanced_batches = true\nclass_weights = { rare = 4, \"kind:z\" = 3 }\n\
                [task_weights]\nkind = 0.5\n";
    fs::write(directory.join("w.toml"), toml).unwrap();
    succeeds_in(directory, &format!("{TRAIN} --config w.toml --logdir file"));
    let parameters = |run: &str| fs::read(directory.join(run).join("parameters.safetensors"));
    let parameters = |run: &str| parameters(run).unwrap();
    assert_eq!(parameters("run"), parameters("file"));
    let others = [
        "--class-weights balanced",
        "--task-weights kind=0.5",
        "--balanced-batches",
        "",
    ];
    let mut seen = vec![parameters("run")];
    for (index, flags) in others.into_iter().enumerate() {
        succeeds_in(directory, &format!("{TRAIN} {flags} --logdir r{index}"));
        let found = parameters(&format!("r{index}"));
        assert!(!seen.contains(&found), "{flags}");
        seen.push(found);
    }
    let balanced = json(&directory.join("r0/config.json"));
    assert_eq!(balanced["class_weights"], "balanced");
    let weight = balanced["tasks"][0]["class_weights"][0].as_f64().unwrap();
    assert!((5.0..20.0).contains(&weight), "{weight}");

    // Evaluated, and resumed with the same bits.
    succeeds_in(directory, "eval run --once");
    for name in ["summary.json", "parameters.safetensors", "best.safetensors"] {
        fs::remove_file(directory.join("file").join(name)).unwrap();
    }
    let checkpoints = fs::read_dir(directory.join("file/checkpoints")).unwrap();
    for entry in checkpoints {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    succeeds_in(directory, "resume file --quiet");
    assert_eq!(parameters("run"), parameters("file"));

    for (flags, part) in [
        ("--class-weights rarer=4", "`rarer`, which is no class"),
        (
            "--class-weights rare=-1",
            "--class-weights rare = -1 must be",
        ),
        (
            "--class-weights rare=NaN",
            "`rare=NaN` is no name with a weight",
        ),
        ("--class-weights rare", "no name with a weight"),
        ("--task-weights kinds=2", "the tasks are rare, kind"),
        ("--task-weights kind=0", "--task-weights kind = 0 must be"),
        ("--validation-share 1", "validation share is 1"),
    ] {
        fails_in(
            directory,
            &format!("{TRAIN} {flags} --logdir none"),
            2,
            &[part],
        );
    }
    let values = "train --table t.csv --targets price --balanced-batches --logdir none";
    fails_in(directory, values, 2, &["no task tells classes apart"]);
    assert!(!directory.join("none").exists());
}

#[test]
fn a_metric_that_is_undefined_on_a_split_is_absent() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    let split = |i: usize| match i % 7 {
        0 => "test",
        1 => "validation",
        _ => "train",
    };
    // No rare row is for test.
    let rows = rows().into_iter().enumerate();
    let rows = rows.filter(|(i, row)| i % 7 != 0 || row.split(',').nth(2) == Some("0"));
    let rows = rows.map(|(i, row)| format!("{row},{},{}\n", i % 2, split(i)));
    let table = format!("{HEADER},odd,part\n{}", rows.collect::<String>());
    fs::write(directory.join("t.csv"), table).unwrap();
    let (_, said) = succeeds_in(
        directory,
        "train --table t.csv --targets rare,odd --features a,b --split-column part --hidden 8 \
         --components 2 --batch-size 16 --epochs 3 --logdir run",
    );
    assert!(
        said.contains("all test rows of rare are of one class"),
        "{said}"
    );
    let summary = json(&directory.join("run/summary.json"));
    assert_eq!(summary["metric"], "roc_auc");
    assert!(
        summary["tasks"][0]["results"].get("test").is_none(),
        "{summary}"
    );
    assert!(summary["tasks"][0]["results"]["validation"].is_number());
    assert!(summary["tasks"][1]["results"]["test"].is_number());
    let metrics = fs::read_to_string(directory.join("run/metrics.jsonl")).unwrap();
    assert!(metrics.contains(r#""test":[null,"#), "{metrics}");
    for command in ["eval run --once", "show run"] {
        let (out, said) = succeeds_in(directory, command);
        assert!(
            ![&out, &said].iter().any(|text| text.contains("NaN")),
            "{out}{said}"
        );
    }
    succeeds_in(directory, "plot run --out plots");
    succeeds_in(directory, "report run --out report.html");
    succeeds_in(directory, "resume run");
}

#[test]
fn errors_are_told_in_the_units_of_each_target() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    let table = format!("{HEADER}\n{}\n", rows().join("\n"));
    fs::write(directory.join("t.csv"), table).unwrap();
    let train = "train --table t.csv --features a,b --hidden 8 --components 2 --batch-size 16 \
                 --epochs 2 --metric mean_absolute_error --quiet --targets";
    succeeds_in(directory, &format!("{train} price --logdir one"));
    let one = json(&directory.join("one/summary.json"));
    let error = one["tasks"][0]["results"]["test"].as_f64().unwrap();
    let (predicted, _) = succeeds_in(directory, "predict one t.csv");
    let predicted = predicted
        .lines()
        .filter(|line| line.split(',').count() == 4);
    let errors = predicted.skip(1).zip(rows()).map(|(line, row)| {
        let number = |text: &str| text.parse::<f64>().unwrap();
        let price = number(row.split(',').nth(4).unwrap());
        (number(line.split(',').next_back().unwrap()) - price).abs()
    });
    let errors: Vec<f64> = errors.collect();
    assert_eq!(errors.len(), 300);
    let record = json(&directory.join("one/table.json"));
    let rows = record["splits"]["test"].as_array().unwrap().iter();
    let rows: Vec<usize> = rows.map(|row| row.as_u64().unwrap() as usize).collect();
    let mean = rows.iter().map(|&row| errors[row]).sum::<f64>() / rows.len() as f64;
    assert!((error / mean - 1.0).abs() < 1e-4, "{error} {mean}");

    // In different units there is no mean.
    succeeds_in(
        directory,
        &format!("{train} price,age --kind age=value --logdir two"),
    );
    let two = json(&directory.join("two/summary.json"));
    assert_eq!(two["metric"], "mixed");
    assert_eq!(two["tasks"][1]["metric"], "mean_absolute_error");
    let age = two["tasks"][1]["results"]["test"].as_f64().unwrap();
    assert!(age < 3.0, "{age}");
    let (shown, _) = succeeds_in(directory, "eval two --once");
    assert!(shown.contains("age"), "{shown}");
}
