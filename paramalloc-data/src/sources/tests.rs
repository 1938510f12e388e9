use std::error::Error as _;
use std::io;

use paramalloc_core::network::shape::Dims;
use paramalloc_core::summary::DataIdentity;
use serde_json::json;

use super::*;
use crate::added::NewTasks;

fn map(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

fn pairs() -> SyntheticOptions {
    SyntheticOptions {
        relatedness: vec![0.5, -1.0],
        dims: 4,
        train_examples: 3,
        test_examples: 2,
        seed: 7,
    }
}

fn more_digits() -> AddedOptions {
    AddedOptions {
        source: "mnist".to_owned(),
        options: Map::new(),
        data: DataOptions::default(),
        identity: DataIdentity::default(),
        new: NewTasks::Directory(Dims::image(1, 28, 28).into()),
    }
}

fn all() -> [Arc<dyn DataSource>; 7] {
    [
        mnist(),
        clusters(),
        omniglot(OmniglotOptions::default()),
        synthetic(pairs()),
        directory(Dims::image(3, 32, 32)),
        table(TableOptions::new("t.csv").targets(["y"])),
        added(more_digits()).unwrap(),
    ]
}

#[test]
fn a_source_is_made_again_from_its_name_and_options() {
    assert_eq!(all().map(|source| source.name().to_owned()), NAMES);
    for source in all() {
        let again = by_name(source.name(), &source.options()).unwrap().unwrap();
        assert_eq!(again.name(), source.name());
        assert_eq!(again.options(), source.options());
    }
    let options = synthetic(pairs()).options();
    let again = by_name("synthetic", &options).unwrap().unwrap();
    let dataset = again
        .load(&DataOptions::default(), &mut |_: &str| ())
        .expect("it reads nothing");
    let (tasks, identity) = crate::synthetic_tasks(&pairs()).unwrap();
    assert_eq!(dataset.identity, identity);
    assert_eq!(dataset.tasks.len(), tasks.len());
}

#[test]
fn options_are_stored_in_their_own_words() {
    assert_eq!(mnist().options(), Map::new());
    assert_eq!(
        omniglot(OmniglotOptions::default()).options(),
        map(json!({"alphabets": 20, "image_size": 105}))
    );
    assert_eq!(
        directory(Dims::image(1, 28, 28)).options(),
        map(json!({"input": [1, 28, 28], "test_share": 0.2}))
    );
}

#[test]
fn options_that_do_not_fit_are_refused() {
    for (name, options) in [
        ("mnist", json!({"alphabets": 20})),
        ("omniglot", json!({"alphabets": 20})),
        ("omniglot", json!({"alphabets": "all", "image_size": 28})),
        ("directory", json!({})),
    ] {
        let error = by_name(name, &map(options)).unwrap_err();
        assert!(
            matches!(&error, DataError::SourceOptions { name: found, .. } if found == name),
            "{error}"
        );
        assert!(error.source().is_some());
    }
    for (name, options) in [
        ("omniglot", json!({"alphabets": 51, "image_size": 28})),
        ("omniglot", json!({"alphabets": 5, "image_size": 0})),
        ("directory", json!({"input": 12, "test_share": 1.0})),
        (
            "synthetic",
            json!({"relatedness": [2.0], "dims": 2, "train_examples": 1, "test_examples": 1, "seed": 0}),
        ),
    ] {
        let error = by_name(name, &map(options)).unwrap_err();
        assert!(error.is_usage(), "{error}");
    }
}

#[test]
fn a_directory_must_be_named() {
    let source = directory(Dims::image(3, 32, 32));
    let error = source
        .load(&DataOptions::default(), &mut |_: &str| ())
        .unwrap_err();
    assert!(error.to_string().contains("--data-dir"), "{error}");
}

#[test]
fn a_program_brings_a_source_of_its_own() {
    let identity = DataIdentity {
        name: "weather".to_owned(),
        ..DataIdentity::default()
    };
    let source = program("weather", move |options, observer| {
        options.directory()?;
        observer.message("rain");
        Ok(Dataset::new(Vec::new(), identity.clone()))
    });
    assert!(by_name(source.name(), &source.options()).unwrap().is_none());
    let mut said = Vec::new();
    let mut load =
        |options: &DataOptions| source.load(options, &mut |line: &str| said.push(line.to_owned()));
    let refused = load(&DataOptions::default()).unwrap_err();
    assert!(matches!(refused, DataError::NoDataDirectory), "{refused}");
    let options = DataOptions {
        data_dir: Some("here".into()),
        ..DataOptions::default()
    };
    assert_eq!(load(&options).unwrap().identity.name, "weather");
    assert_eq!(said, ["rain"]);
}

#[test]
fn errors_of_a_program_keep_their_source() {
    let source = program("weather", |_, _| Err(io::Error::other("too wet").into()));
    let error = source
        .load(&DataOptions::default(), &mut |_: &str| ())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot load the data of weather: too wet"
    );
    assert!(error.source().unwrap().is::<io::Error>());
}

#[test]
fn a_program_takes_no_name_of_this_crate() {
    let source = program("mnist", |_, _| {
        Ok(Dataset::new(Vec::new(), DataIdentity::default()))
    });
    let error = source
        .load(&DataOptions::default(), &mut |_: &str| ())
        .unwrap_err();
    assert!(matches!(error, DataError::ReservedName { .. }), "{error}");
}
