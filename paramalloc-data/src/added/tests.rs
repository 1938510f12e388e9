use std::path::PathBuf;

use super::*;
use crate::sources;

fn write(directory: &Path, name: &str, text: &str) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn rows(header: &str, row: impl Fn(usize) -> String) -> String {
    let rows: Vec<String> = (0..40).map(row).collect();
    format!("{header}\n{}\n", rows.join("\n"))
}

#[test]
fn new_tasks_have_the_inputs_of_the_old_run() {
    let directory = tempfile::tempdir().unwrap();
    let color = |i: usize| ["red", "blue", "5"][i % 3];
    let own = rows("a,color,y", |i| {
        format!("{},{},{}", 10 * i, color(i), i % 2)
    });
    let own = TableOptions::new(write(directory.path(), "own.csv", &own)).targets(["y"]);
    // Other rows, all colors of which are numbers.
    let new = rows("z,color,other,a", |i| format!("{},5,x{i},{}", i % 2, 7 + i));
    let new = TableOptions::new(write(directory.path(), "new.csv", &new)).targets(["z"]);
    let source = sources::table(own);
    let data = DataOptions::default();
    let loaded = source.load(&data, &mut |_: &str| ()).unwrap();
    let options = AddedOptions {
        source: source.name().to_owned(),
        options: source.options(),
        data: data.clone(),
        identity: loaded.identity,
        new: NewTasks::Table(new),
    };
    let both = sources::added(options.clone()).unwrap();
    let both = both.load(&data, &mut |_: &str| ()).unwrap();
    assert_eq!(both.tasks.len(), 2);
    let record = both.table.unwrap();
    assert_eq!(record.features, loaded.table.unwrap().features);
    assert_eq!(record.ignored, ["other"]);
    let mut input = [9.0; 4];
    let train = &both.tasks[1].train;
    train.write_input(0, None, &mut input);
    // The categories are 5, blue, red.
    assert_eq!(input[1..], [1.0, 0.0, 0.0]);
    let crate::table::Encoding::Number {
        mean, deviation, ..
    } = record.features[0].encoding
    else {
        panic!("a number");
    };
    let a = 7.0 + train.row(0) as f64;
    assert_eq!(input[0], ((a - mean) / deviation) as f32);

    let mut twice = options.clone();
    let NewTasks::Table(table) = &mut twice.new else {
        panic!("a table");
    };
    table.path = directory.path().join("own.csv");
    table.targets = vec!["y".to_owned()];
    let twice = sources::added(twice).unwrap();
    let refused = twice.load(&data, &mut |_: &str| ()).unwrap_err();
    assert!(
        refused.to_string().contains("a task `y` already"),
        "{refused}"
    );
    let mut other = options;
    other.identity.name = "other".to_owned();
    let other = sources::added(other).unwrap();
    let refused = other.load(&data, &mut |_: &str| ()).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("not those that it was trained on"),
        "{refused}"
    );
}

/// Strata are those of the run's targets; new ones do not move rows from test to training.
#[test]
fn the_same_table_has_the_same_rows_for_test() {
    let directory = tempfile::tempdir().unwrap();
    let table = rows("a,y,z", |i| {
        format!("{i},{},{}", i % 2, u8::from(i % 7 < 3))
    });
    let path = write(directory.path(), "table.csv", &table);
    let options = |target: &str| {
        let mut options = TableOptions::new(&path)
            .targets([target])
            .ignore(["y", "z"]);
        options.ignore.retain(|name| name != target);
        options.split.by = crate::table::SplitBy::Stratified;
        options
    };
    let source = sources::table(options("y"));
    let data = DataOptions::default();
    let loaded = source.load(&data, &mut |_: &str| ()).unwrap();
    let both = sources::added(AddedOptions {
        source: source.name().to_owned(),
        options: source.options(),
        data: data.clone(),
        identity: loaded.identity,
        new: NewTasks::Table(options("z")),
    });
    let both = both.unwrap().load(&data, &mut |_: &str| ()).unwrap();
    let own = loaded.table.unwrap().splits;
    assert_eq!(both.table.unwrap().splits, own);
    // Alone, the new target would have others.
    let alone = sources::table(options("z"));
    let alone = alone.load(&data, &mut |_: &str| ()).unwrap();
    assert_ne!(alone.table.unwrap().splits, own);
}
