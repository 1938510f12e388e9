//! A data source of the user's own, which runs store by name and options.

use std::sync::Arc;

use paramalloc::data::{DataError, DataOptions, DataSource, Dataset, Observer};
use paramalloc_core::data::{Examples, FloatInputs, Task};
use paramalloc_core::summary::DataIdentity;
use serde_json::{Map, Value, json};

use crate::{experiment, train};

/// Which of two numbers is the larger one, and which the smaller.
#[derive(Debug)]
pub struct Points;

impl DataSource for Points {
    fn name(&self) -> &str {
        "points"
    }

    fn options(&self) -> Map<String, Value> {
        Map::from_iter([("points".to_owned(), json!(64))])
    }

    fn load(&self, _: &DataOptions, observer: &mut dyn Observer) -> Result<Dataset, DataError> {
        observer.message("making points");
        let inputs: Vec<f32> = (0..64 * 3).map(|i| (i * 7 % 11) as f32 / 11.0).collect();
        let larger = |x: &[f32]| u16::from(x[0] > x[1]);
        let classes: Vec<u16> = inputs.chunks(3).map(larger).collect();
        let others: Vec<u16> = classes.iter().map(|class| 1 - class).collect();
        // Both tasks share the inputs.
        let inputs = Arc::new(FloatInputs::new(3, inputs).map_err(DataError::from)?);
        let task = |name: &str, classes: Vec<u16>| -> Result<Task, DataError> {
            let examples = Examples::new(inputs.clone(), classes)?;
            Ok(Task::new(name, 2, examples.clone())
                .class_names(["no", "yes"])
                .evaluated_on("train", examples))
        };
        let tasks = vec![task("larger", classes)?, task("smaller", others)?];
        Ok(Dataset::new(tasks, DataIdentity::default()))
    }
}

#[test]
fn a_run_stores_the_name_and_the_options_of_its_source() {
    let parent = tempfile::tempdir().unwrap();
    let run = parent.path().join("run");
    let finished = train(&experiment(), &run);
    let names: Vec<&str> = finished
        .summary
        .tasks
        .iter()
        .map(|t| t.name.as_str())
        .collect();
    assert_eq!(names, ["larger", "smaller"]);
    let config = std::fs::read(run.join("config.json")).unwrap();
    let config: Value = serde_json::from_slice(&config).unwrap();
    assert_eq!(
        config["source"],
        json!({"name": "points", "options": {"points": 64}})
    );
    assert_eq!(
        config["tasks"][1],
        json!({"name": "smaller", "outputs": 2, "class_names": ["no", "yes"]})
    );
}
