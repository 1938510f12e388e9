//! The seam between an experiment and where its tasks come from.

use std::fmt;
use std::sync::Arc;

use paramalloc_core::data::Task;
use paramalloc_core::summary::DataIdentity;
use serde_json::{Map, Value};

use crate::error::DataError;
use crate::observer::Observer;
use crate::options::DataOptions;
use crate::table::TableRecord;

/// Where the tasks of an experiment come from.
///
/// Those of this crate are in [`sources`](super::sources). A program has one of
/// its own from [`sources::program`](super::sources::program), or implements
/// this trait.
pub trait DataSource: fmt::Debug + Send + Sync {
    /// Its name, `mnist` for example, which runs store. A source that is not
    /// of this crate has another name than [`sources::NAMES`](super::sources::NAMES).
    fn name(&self) -> &str;

    /// Its own options, which runs store beside the name:
    /// [`sources::by_name`](super::sources::by_name) makes the source again.
    fn options(&self) -> Map<String, Value> {
        Map::new()
    }

    /// Loads or generates the tasks. `observer` gets messages for the user. The same
    /// options give the same tasks, or a resumed run differs.
    ///
    /// # Errors
    /// If an option is out of its range, or the data cannot be had.
    fn load(
        &self,
        options: &DataOptions,
        observer: &mut dyn Observer,
    ) -> Result<Dataset, DataError>;
}

impl<S: DataSource + ?Sized> DataSource for Arc<S> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn options(&self) -> Map<String, Value> {
        (**self).options()
    }

    fn load(
        &self,
        options: &DataOptions,
        observer: &mut dyn Observer,
    ) -> Result<Dataset, DataError> {
        (**self).load(options, observer)
    }
}

/// What a [`DataSource`] gives.
#[derive(Clone)]
#[non_exhaustive]
pub struct Dataset {
    /// The tasks, in the order of their numbers.
    pub tasks: Vec<Task>,
    /// Which data they are made from: a run resumes on the same only.
    pub identity: DataIdentity,
    /// What was made of a table, which runs store to predict new rows.
    pub table: Option<TableRecord>,
}

impl Dataset {
    /// `tasks`, made from the data that `identity` tells.
    pub fn new(tasks: Vec<Task>, identity: DataIdentity) -> Self {
        Self {
            tasks,
            identity,
            table: None,
        }
    }

    /// The same tasks, made from a table.
    #[must_use]
    pub fn of_table(mut self, table: TableRecord) -> Self {
        self.table = Some(table);
        self
    }
}

impl fmt::Debug for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tasks: Vec<&str> = self.tasks.iter().map(|task| task.name.as_str()).collect();
        f.debug_struct("Dataset")
            .field("tasks", &tasks)
            .field("identity", &self.identity)
            .finish()
    }
}

/// The options of a source as a run stores them; empty if they are not a struct.
pub(crate) fn stored_options(options: &impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(options) {
        Ok(Value::Object(options)) => options,
        _ => Map::new(),
    }
}
