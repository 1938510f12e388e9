//! `confusion.json`: what the tasks of a run take for what.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::files::{SummaryError, read_formatted};
use super::{FORMAT, current_name};
use crate::text::brief;

/// File name in a run directory.
pub const CONFUSION: &str = "confusion.json";

/// How many examples of each class are taken for each class, by the parameters whose
/// results `summary.json` has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// Version of this format, [`FORMAT`].
    pub format: u32,
    /// Task steps done.
    pub global_step: u64,
    /// The tasks with classes, or labels, in order.
    pub tasks: Vec<TaskConfusion>,
    /// Names of the tasks with too many classes for the size of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
}

/// The counts of one task, or of one of its labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskConfusion {
    /// Name of the task.
    #[serde(deserialize_with = "current_name")]
    pub name: String,
    /// Which of its labels, where it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// By split, of each class how many of its examples are taken for each class.
    pub counts: BTreeMap<String, Vec<Vec<u64>>>,
}

impl Confusion {
    /// Counts in a file at most.
    pub const MOST: usize = 1_000_000;

    /// Reads the file of a run directory; nothing if it has none.
    ///
    /// # Errors
    /// If it cannot be read, is of a newer format, or its parts do not fit.
    pub fn read(directory: &Path) -> Result<Option<Self>, SummaryError> {
        let path = directory.join(CONFUSION);
        let read: Self = match read_formatted(&path) {
            Ok(read) => read,
            Err(SummaryError::Missing(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        match read.validate().map_err(brief) {
            Ok(()) => Ok(Some(read)),
            Err(problem) => Err(SummaryError::Inconsistent { path, problem }),
        }
    }

    /// Each split has a row for each class and in it a count for each.
    fn validate(&self) -> Result<(), String> {
        for task in &self.tasks {
            let classes = task.classes.len();
            for (split, rows) in &task.counts {
                let fits = rows.len() == classes && rows.iter().all(|row| row.len() == classes);
                if !fits {
                    let name = &task.name;
                    return Err(format!(
                        "`counts.{split}` of task `{name}` is not {classes} by {classes}"
                    ));
                }
            }
        }
        Ok(())
    }

    /// The text of the file, a line.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

impl Default for Confusion {
    fn default() -> Self {
        Self {
            format: FORMAT,
            global_step: 0,
            tasks: Vec::new(),
            left_out: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Result<Option<Confusion>, String> {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(CONFUSION), text).unwrap();
        Confusion::read(directory.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_written_is_read() {
        let confusion = Confusion {
            global_step: 7,
            tasks: vec![TaskConfusion {
                name: "sick".into(),
                label: None,
                classes: vec!["0".into(), "1".into()],
                counts: [("test".to_owned(), vec![vec![3, 1], vec![0, 2]])].into(),
            }],
            left_out: vec!["many".into()],
            ..Confusion::default()
        };
        let text = String::from_utf8(confusion.to_bytes().unwrap()).unwrap();
        assert_eq!(written(&text), Ok(Some(confusion)));
        let absent = tempfile::tempdir().unwrap();
        assert!(Confusion::read(absent.path()).unwrap().is_none());
    }

    #[test]
    fn a_newer_format_and_rows_of_another_length_are_refused() {
        let error = written(r#"{"format": 2}"#).unwrap_err();
        assert!(error.contains("has format 2, newer than 1"), "{error}");
        let rows = r#"{"format": 1, "global_step": 1, "tasks": [{"name": "a",
            "classes": ["x", "y"], "counts": {"test": [[1, 2], [3]]}}]}"#;
        let error = written(rows).unwrap_err();
        assert!(
            error.contains("`counts.test` of task `a` is not 2 by 2"),
            "{error}"
        );
    }
}
