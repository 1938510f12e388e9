//! Whole tables, as a run reads them.

use std::fs;
use std::path::PathBuf;

use paramalloc_core::data::Targets;
use tempfile::TempDir;

use super::*;
use crate::data_source::{DataSource, Dataset};
use crate::error::DataError;
use crate::options::DataOptions;
use crate::testing::npz;

/// A table in a directory of its own.
fn file(name: &str, content: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    fs::write(&path, content).unwrap();
    (directory, path)
}

fn load(options: TableOptions) -> Result<(Dataset, Vec<String>), DataError> {
    let mut lines = Vec::new();
    let mut observer = |line: &str| lines.push(line.to_owned());
    let dataset = TableSource::new(options).load(&DataOptions::default(), &mut observer)?;
    Ok((dataset, lines))
}

/// 80 rows: an identifier, a number, a text, a label with gaps, a class and a
/// value.
fn text() -> String {
    let rows = (0..80).map(|i| {
        let label = match i % 5 {
            0 => "".to_owned(),
            other => (other % 2).to_string(),
        };
        let (color, class) = (["red", "blue"][i % 2], ["low", "mid", "high"][i % 3]);
        format!("m{i},{},{color},{label},{class},{}\n", i * i, 100 * i)
    });
    format!(
        "id,size,color,toxic,grade,price\n{}",
        rows.collect::<String>()
    )
}

fn options(path: &PathBuf) -> TableOptions {
    TableOptions::new(path)
        .targets(["toxic", "grade", "price"])
        .ignore(["id"])
}

#[test]
fn a_table_becomes_tasks_that_share_their_inputs() {
    let (_directory, path) = file("t.csv", text());
    let (dataset, lines) = load(options(&path)).unwrap();
    let [toxic, grade, price] = &dataset.tasks[..] else {
        panic!("three tasks");
    };
    assert!(std::sync::Arc::ptr_eq(
        toxic.train.inputs(),
        grade.train.inputs()
    ));
    assert_eq!(toxic.train.inputs().input_len(), 3);
    let sizes = |task: &paramalloc_core::data::Task| -> Vec<usize> {
        task.evaluation.iter().map(|(_, set)| set.len()).collect()
    };
    assert_eq!(sizes(grade), [64, 8, 8]);
    assert_eq!(sizes(toxic).iter().sum::<usize>(), 64);
    assert!(
        matches!(toxic.train.targets(), Targets::Values(v) if v.iter().all(|&v| v == 0.0 || v == 1.0))
    );
    assert_eq!(
        (grade.outputs, &grade.class_names[..]),
        (3, &["high", "low", "mid"].map(str::to_owned)[..])
    );
    // Standardized by the training rows.
    let Targets::Values(values) = price.train.targets() else {
        panic!("values");
    };
    assert!(values.iter().sum::<f32>().abs() < 1e-4, "{values:?}");
    let expected = [
        "toxic: label, 50.0 % ones; 64 rows, 16 missing",
        "grade: 3 classes (high, low, mid); 80 rows",
        "price: value, 0 to 7900; 80 rows",
        "2 columns to learn from, 3 values: numbers size; a value for each text of color (2 texts)",
        "not learned from: id",
        "rows: 64 train, 8 validation, 8 test",
    ];
    assert_eq!(lines, expected);
    let record = dataset.table.unwrap();
    let stored = serde_json::to_string(&record).unwrap();
    assert_eq!(
        serde_json::from_str::<TableRecord>(&stored).unwrap(),
        record
    );
    assert_eq!(record.splits["test"].len(), 8);
}

#[test]
fn limits_on_the_examples_are_told() {
    let (_directory, path) = file("t.csv", text());
    let limits = DataOptions {
        train_examples: std::num::NonZeroUsize::new(10),
        ..DataOptions::default()
    };
    let mut lines = Vec::new();
    let mut observer = |line: &str| lines.push(line.to_owned());
    let source = TableSource::new(options(&path));
    let dataset = source.load(&limits, &mut observer).unwrap();
    assert!(dataset.tasks.iter().all(|task| task.train.len() == 10));
    let rows = "rows: 64 train, 8 validation, 8 test (first 10 train)";
    assert_eq!(lines.last().unwrap(), rows);
}

#[test]
fn new_rows_are_encoded_as_in_training_in_any_order_of_columns() {
    let (_directory, path) = file("t.csv", text());
    let (dataset, _) = load(options(&path)).unwrap();
    let record = dataset.table.clone().unwrap();
    let (_other, new) = file("new.csv", "color;extra;size;id\nblue;?;9;a\ngreen;?;16;b\n");
    let mut rows = TableRows::open(&new, &record).unwrap();
    assert_eq!(rows.id_columns(), ["id"]);
    let first = rows.next(1).unwrap();
    let mut expected = [0.0; 3];
    dataset.tasks[1]
        .train
        .inputs()
        .write(3, None, &mut expected);
    assert_eq!(
        (first.rows, &first.inputs[..], &first.ids[0][..]),
        (1, &expected[..], &["a".to_owned()][..])
    );
    let second = rows.next(5).unwrap();
    assert_eq!((second.rows, &second.inputs[1..]), (1, &[0.0, 0.0][..]));
    assert_eq!((rows.next(5).unwrap().rows, rows.unknown_texts()), (0, 1));
    let (_other, lacking) = file("new.csv", "color,id\nblue,a\n");
    let sentence = TableRows::open(&lacking, &record).unwrap_err().to_string();
    assert!(
        sentence.contains("no column `size`, which the run was trained on"),
        "{sentence}"
    );
    let (_other, empty) = file("new.csv", "size,color\n,blue\n");
    let mut rows = TableRows::open(&empty, &record).unwrap();
    let sentence = rows.next(1).unwrap_err().to_string();
    assert!(
        sentence.contains("no value in line 2, column `size`"),
        "{sentence}"
    );
}

#[test]
fn rows_weigh_what_their_column_says() {
    let rows: String = (0..60)
        .map(|i| format!("{i},{},{}\n", i % 2, i % 4))
        .collect();
    let (_directory, path) = file("t.csv", format!("a,y,w\n{rows}"));
    let mut options = TableOptions::new(&path).targets(["y"]);
    options.row_weights = Some("w".to_owned());
    let (dataset, _) = load(options.clone()).unwrap();
    let train = &dataset.tasks[0].train;
    assert_eq!(train.inputs().input_len(), 1);
    let weights = train.weights().unwrap();
    assert!((0..train.len()).all(|i| weights[i] == (train.row(i) % 4) as f32));
    fs::write(&path, format!("a,y,w\n{rows}7,1,-1\n")).unwrap();
    let sentence = load(options).unwrap_err().to_string();
    assert!(
        sentence.contains("`-1` in line 62 of the column of row weights"),
        "{sentence}"
    );
}

#[test]
fn a_split_of_one_class_is_named_and_read() {
    let rows = (0..40).map(|i| {
        let part = ["test", "train"][usize::from(i > 3)];
        format!("{i},{},{part}\n", u8::from(i > 20))
    });
    let (_directory, path) = file("t.csv", format!("a,y,part\n{}", rows.collect::<String>()));
    let mut options = TableOptions::new(&path).targets(["y"]);
    options.split.by = SplitBy::Column("part".to_owned());
    let (dataset, lines) = load(options).unwrap();
    assert_eq!(dataset.tasks[0].evaluation[1].1.len(), 4);
    let warning = "warning: all test rows of y are of one class";
    assert!(
        lines.iter().any(|line| line.starts_with(warning)),
        "{lines:?}"
    );
}

#[test]
fn what_cannot_be_learned_is_refused() {
    let says = |content: &str, options: &dyn Fn(TableOptions) -> TableOptions, part: &str| {
        let (_directory, path) = file("t.csv", content);
        let sentence = load(options(TableOptions::new(&path)))
            .unwrap_err()
            .to_string();
        assert!(sentence.contains(part), "no `{part}` in: {sentence}");
    };
    let of_y = |options: TableOptions| options.targets(["y"]);
    says("a,y\n1,2\n", &|options| options, "name them with --targets");
    let gap: String = (0..20)
        .map(|i| {
            format!(
                "{},{}\n",
                if i == 7 { "".to_owned() } else { i.to_string() },
                i % 2
            )
        })
        .collect();
    says(
        &format!("a,y\n{gap}"),
        &of_y,
        "no value in line 9, column `a`",
    );
    // The one row with 1 is for test.
    let rare: String = (0..40)
        .map(|i| {
            let part = ["test", "train"][usize::from(i > 3)];
            format!("{i},{},{part}\n", u8::from(i == 0))
        })
        .collect();
    let by_part = |mut options: TableOptions| {
        options.split.by = SplitBy::Column("part".to_owned());
        options.targets(["y"])
    };
    let rare = format!("a,y,part\n{rare}");
    says(&rare, &by_part, "training rows of one class only");
    says("a,y\n1,0\n2,1\n", &of_y, "too few rows");
    says(
        &text(),
        &|options| options.targets(["toxic"]),
        "text in column `id` (`m0` in line 2)",
    );
    let shares = |mut options: TableOptions| {
        options.split.test_share = 0.95;
        options.targets(["y"])
    };
    says("a,y\n1,0\n", &shares, "test share is 0.95");
    let (_directory, path) = file("t.xlsx", "PK");
    let sentence = load(TableOptions::new(&path)).unwrap_err().to_string();
    assert!(
        sentence.contains("must end with .csv, .tsv or .npz"),
        "{sentence}"
    );
}

#[test]
fn arrays_are_columns_with_the_names_beside_them() {
    // 80 rows of two features; the second target lacks every fourth value.
    let x: Vec<u8> = (0..160_u8).map(|i| i % 7).collect();
    let y: Vec<u8> = (0..160_usize)
        .flat_map(|i| {
            let is_missing = i % 8 == 7;
            let value = if is_missing {
                f32::NAN
            } else {
                (i / 2 % 2) as f32
            };
            value.to_le_bytes()
        })
        .collect();
    let names = ["t1\0", "tox"].map(|name| name.chars().flat_map(|c| u32::from(c).to_le_bytes()));
    let names: Vec<u8> = names.into_iter().flatten().collect();
    let bytes = npz(&[
        ("x", "|u1", &[80, 2], &x),
        ("y", "<f4", &[80, 2], &y),
        ("tasks", "<U3", &[2], &names),
    ]);
    let (_directory, path) = file("t.npz", bytes);
    let mut options = TableOptions::new(&path);
    options.split.by = SplitBy::Stratified;
    let (dataset, lines) = load(options).unwrap();
    let names: Vec<&str> = dataset
        .tasks
        .iter()
        .map(|task| task.name.as_str())
        .collect();
    assert_eq!(names, ["t1", "tox"]);
    assert!(lines[1].ends_with("60 rows, 20 missing"), "{lines:?}");
    let record = dataset.table.unwrap();
    let mut rows = TableRows::open(&path, &record).unwrap();
    assert_eq!(rows.next(100).unwrap().inputs.len(), 160);
}
