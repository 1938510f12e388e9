//! From a table to predictions, as a user types it.

use std::fs;

use serde_json::Value;

mod support;

use support::{fails_in, succeeds_in};

/// 200 rows of two numbers and a color, of which `sick` is a function, `tall`
/// another, with gaps.
fn rows(count: usize) -> Vec<[String; 6]> {
    let row = |i: usize| {
        let (a, b) = (i * 37 % 101, i * 53 % 89);
        let color = ["red", "blue"][i % 2];
        let sick = u8::from(a + 20 * (i % 2) > 60).to_string();
        let tall = match i % 7 {
            0 => String::new(),
            _ => u8::from(b > 40).to_string(),
        };
        let (a, b) = (a as f64 * 1000.0, b as f64 / 100.0);
        [
            format!("p{i}"),
            a.to_string(),
            b.to_string(),
            color.to_owned(),
            sick,
            tall,
        ]
    };
    (0..count).map(row).collect()
}

const NAMES: [&str; 6] = ["id", "income", "share", "color", "sick", "tall"];

/// A table with these of the columns, in this order.
fn table(count: usize, columns: &[usize]) -> String {
    let pick = |row: &[String; 6]| {
        let cells: Vec<&str> = columns.iter().map(|&column| row[column].as_str()).collect();
        cells.join(",") + "\n"
    };
    let header = pick(&NAMES.map(str::to_owned));
    header + &rows(count).iter().map(pick).collect::<String>()
}

const TRAIN: &str = "train --table t.csv --targets sick,tall --ignore id --hidden 16 \
                     --components 2 --learning-rate 0.01 --batch-size 8 --epochs 30 --patience 3 --logdir run";

#[test]
fn a_table_is_learned_evaluated_pruned_and_predicted() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    fs::write(directory.join("t.csv"), table(200, &[0, 1, 2, 3, 4, 5])).unwrap();
    let (report, said) = succeeds_in(directory, TRAIN);
    assert!(said.contains("sick: label, "), "{said}");
    assert!(
        said.contains("a value for each text of color (2 texts)"),
        "{said}"
    );
    assert!(
        report.contains("task  ") && report.contains("validation"),
        "{report}"
    );
    // What comes next, to be pasted.
    let next = report.lines().filter_map(|line| line.split_once(" run"));
    let next: Vec<&str> = next.map(|(command, _)| command.trim()).collect();
    for command in ["eval", "predict", "export", "plot"] {
        let is_it = |line: &&&str| line.starts_with(command) && line.ends_with(command);
        assert!(
            next.iter().find(is_it).is_some(),
            "no {command} in: {report}"
        );
    }
    assert!(
        report.contains(" predict run new.csv --out p.csv\n"),
        "{report}"
    );
    let read = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(directory.join(name)).unwrap()).unwrap()
    };
    let summary = read("run/summary.json");
    assert_eq!(summary["metric"], "roc_auc");
    let result = &summary["tasks"][0]["results"]["test"];
    assert!(result.as_f64().unwrap() > 0.8, "{summary}");

    // It ended early, with the best.
    let done = summary["global_step"].as_u64().unwrap();
    assert!(
        done < summary["total_task_steps"].as_u64().unwrap(),
        "{summary}"
    );
    assert!(
        summary["results_step"].as_u64().unwrap() < done,
        "{summary}"
    );
    let stored = |name: &str| fs::read(directory.join("run").join(name)).unwrap();
    assert_ne!(stored("best.safetensors"), stored("parameters.safetensors"));
    let (out, _) = succeeds_in(directory, "resume run");
    assert!(out.contains("is finished"), "{out}");

    let (out, _) = succeeds_in(directory, "eval run --once");
    assert!(
        out.contains("best by mean validation ROC AUC: step "),
        "{out}"
    );
    let has = |part: &str| assert!(out.contains(part), "no `{part}` in {out}");
    has("95 % interval");
    has("other means: accuracy ");
    let (out, _) = succeeds_in(directory, "prune run --task tall --out tall.safetensors");
    assert!(out.contains("best.safetensors"), "{out}");
    let (out, _) = succeeds_in(
        directory,
        "prune run --task 0 --last --out sick.safetensors",
    );
    assert!(!out.contains("best.safetensors"), "{out}");

    // Without the targets and in another order the rows are the same.
    fs::write(directory.join("new.csv"), table(20, &[3, 2, 0, 1])).unwrap();
    let (all, _) = succeeds_in(directory, "predict run t.csv");
    let (new, said) = succeeds_in(directory, "predict run new.csv");
    assert!(
        said.contains("20 rows, 2 tasks, from run/checkpoints/best"),
        "{said}"
    );
    let lines = |text: &str| -> Vec<String> { text.lines().map(str::to_owned).collect() };
    assert_eq!(lines(&new)[..], lines(&all)[..21]);
    assert_eq!(lines(&new)[0], "id,sick,tall");
    let (last, _) = succeeds_in(directory, "predict run new.csv --last");
    assert_ne!(last, new);
    let mean = |label: &str| {
        let pairs = all.lines().skip(1).zip(rows(200));
        let of_label = pairs.filter(|(_, row)| row[4] == label);
        let p = of_label.map(|(line, _)| line.split(',').nth(1).unwrap().parse::<f64>().unwrap());
        let p: Vec<f64> = p.collect();
        p.iter().sum::<f64>() / p.len() as f64
    };
    assert!(mean("1") > mean("0") + 0.1, "{all}");

    // Two runs are averaged.
    succeeds_in(directory, "predict run run new.csv --out p.csv");
    let mean = fs::read_to_string(directory.join("p.csv")).unwrap();
    assert_eq!(lines(&mean)[0], "id,sick,sick_spread,tall,tall_spread");
    assert!(lines(&mean)[1].split(',').nth(2) == Some("0"), "{mean}");
    succeeds_in(directory, "predict run new.csv --out p.npz");
    assert!(directory.join("p.npz").exists());
    fails_in(
        directory,
        "predict run new.csv --out p.csv",
        1,
        &["is there already"],
    );
}

#[test]
fn targets_of_several_kinds_are_learned_in_one_network() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    fs::write(directory.join("t.csv"), table(200, &[0, 1, 2, 3, 4, 5])).unwrap();
    let (report, said) = succeeds_in(
        directory,
        "train --table t.csv --targets sick,color,income --ignore id,tall --hidden 16 \
         --components 2 --learning-rate 0.01 --batch-size 8 --epochs 10 --logdir run",
    );
    assert!(said.contains("color: 2 classes (blue, red)"), "{said}");
    assert!(report.contains("income"), "{report}");
    succeeds_in(directory, "eval run --once");
    let (out, _) = succeeds_in(directory, "predict run t.csv");
    let first: Vec<&str> = out.lines().nth(1).unwrap().split(',').collect();
    assert!(
        out.starts_with("id,tall,sick,color,color:blue,color:red,income\n"),
        "{out}"
    );
    assert!(["red", "blue"].contains(&first[3]), "{out}");
    // In its own units: 0 to 100,000 with a mean of about 50,000.
    let incomes = out
        .lines()
        .skip(1)
        .map(|line| line.rsplit(',').next().unwrap());
    let incomes: Vec<f64> = incomes.map(|income| income.parse().unwrap()).collect();
    let mean = incomes.iter().sum::<f64>() / 200.0;
    assert!((20_000.0..80_000.0).contains(&mean), "{mean}");
}

#[test]
fn a_rare_class_is_learned_though_the_other_is_always_the_likelier() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    // A tenth of the rows with a above 70 is rare, and none of the others.
    let row = |i: usize| {
        let a = i * 37 % 101;
        let rare = if a > 70 && i.is_multiple_of(10) {
            "yes"
        } else {
            "no"
        };
        format!("{a},1,{rare}\n")
    };
    let rows: String = (0..800).map(row).collect();
    fs::write(directory.join("t.csv"), format!("a,one,rare\n{rows}")).unwrap();
    let flags = "--targets rare --metric accuracy --split stratified --hidden 8 --components 1 \
                 --learning-rate 0.01 --epochs 6 --quiet --logdir";
    let (report, _) = succeeds_in(directory, &format!("train --table t.csv {flags} run"));
    assert!(!report.contains("nothing was learned"), "{report}");
    // Its accuracy alone would have said so.
    let summary = fs::read_to_string(directory.join("run/summary.json")).unwrap();
    assert!(!summary.contains("\"guess\""), "{summary}");
    let command = format!("train --table t.csv --ignore a {flags} blind");
    let (report, _) = succeeds_in(directory, &command);
    assert!(report.contains("nothing was learned"), "{report}");
}

#[test]
fn what_is_wrong_is_said_in_one_sentence() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    fs::write(directory.join("t.csv"), table(200, &[0, 1, 2, 3, 4, 5])).unwrap();
    fails_in(
        directory,
        "train",
        2,
        &["name the table and the columns to predict"],
    );
    fails_in(
        directory,
        "train --table t.csv",
        2,
        &["its columns are id, income, share"],
    );
    fails_in(
        directory,
        "train --table t.csv --targets id",
        1,
        &["--kind id=classes"],
    );
    let typed = "train --table t.csv --targets sick --ignore id,tall";
    fails_in(
        directory,
        &format!("{typed} --kind sick"),
        2,
        &["as in age=value"],
    );
    fails_in(
        directory,
        &format!("{typed} --kind sick=x"),
        2,
        &["`x` is no kind"],
    );
    fails_in(
        directory,
        &format!("{typed} --dropout 1"),
        2,
        &["must be from 0 to 0.99"],
    );
    fails_in(
        directory,
        &format!("{typed} --patience 0"),
        2,
        &["--patience = 0"],
    );
    fails_in(
        directory,
        "train --table none.csv --targets a",
        1,
        &["none.csv"],
    );
    let (help, _) = succeeds_in(directory, "train --help");
    assert!(help.contains("--targets <COLUMNS>"), "{help}");
    let usage = "Usage: paramalloc train --table <FILE> [--targets <COLUMN,..>] [OPTIONS]\n";
    assert!(help.contains(usage), "{help}");
    let first = help.lines().find(|line| line.trim().starts_with("--"));
    assert_eq!(first.unwrap().trim(), "--table <FILE>", "{help}");
    assert!(!directory.join("runs").exists());

    // Without a validation split the last is taken.
    let (_, said) = succeeds_in(
        directory,
        "train --table t.csv --targets sick --ignore id,tall --validation-share 0 --epochs 1 --logdir run",
    );
    assert!(said.contains("There is no validation split"), "{said}");
    let (_, said) = succeeds_in(directory, "predict run t.csv --out p.csv");
    assert!(said.contains("the last are taken"), "{said}");
    fs::write(directory.join("new.csv"), "income,share\n1,2\n").unwrap();
    fails_in(
        directory,
        "predict run new.csv",
        1,
        &["no column `color`, which the run was trained on"],
    );
    fails_in(directory, "predict run", 2, &["2 values"]);
}

#[test]
fn a_table_is_no_input_of_a_run_on_images() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    support::trained(directory);
    fs::write(directory.join("t.csv"), table(20, &[0, 1, 2, 3, 4, 5])).unwrap();
    let why = "t.csv is a table, but the run learned from inputs of the shape 1x28x28";
    fails_in(
        directory,
        "predict run t.csv",
        1,
        &[why, "directory of images"],
    );
}

#[test]
fn a_run_on_a_table_that_was_moved_or_changed() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    fs::write(directory.join("t.csv"), table(200, &[0, 1, 2, 3, 4, 5])).unwrap();
    succeeds_in(directory, &format!("{TRAIN} --quiet"));
    fs::create_dir(directory.join("moved")).unwrap();
    fs::rename(directory.join("t.csv"), directory.join("moved/t.csv")).unwrap();
    fails_in(directory, "eval run --once", 1, &["t.csv"]);
    succeeds_in(directory, "eval run --once --data-dir moved");
    fs::write(directory.join("t.csv"), table(201, &[0, 1, 2, 3, 4, 5])).unwrap();
    fails_in(
        directory,
        "eval run --once",
        1,
        &["was trained on other data"],
    );
    // Predicting needs no table but the new one.
    succeeds_in(directory, "predict run t.csv");
}

#[test]
fn a_heading_with_a_line_break_is_told_in_one_line() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    let rows: String = (0..60)
        .map(|i| format!("{},5;\"a;b\"\"c\";{}\r\n", i, i % 2))
        .collect();
    let table = format!("\u{feff}size;\"kind\nof it\";y\r\n{rows}");
    fs::write(directory.join("t.csv"), table).unwrap();
    let train = "train --table t.csv --targets y --hidden 4 --components 2 --steps 1 --logdir run";
    let (_, said) = succeeds_in(directory, train);
    let line = "2 columns to learn from, 2 values: numbers size; a value for each text of kind\\nof it (1 text)";
    assert!(said.contains(line), "{said}");
    let (predicted, said) = succeeds_in(directory, "predict run t.csv");
    assert_eq!(predicted.lines().count(), 61, "{predicted}");
    assert!(said.contains("60 rows, 1 task, from "), "{said}");
}
