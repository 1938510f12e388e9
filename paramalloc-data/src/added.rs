//! The tasks of a run, and others that are added to them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use paramalloc_core::data::Task;
use paramalloc_core::summary::DataIdentity;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::data_source::{DataSource, Dataset, stored_options};
use crate::error::{AddedProblem, DataError};
use crate::observer::Observer;
use crate::options::DataOptions;
use crate::own::{OwnOptions, own_tasks};
use crate::table::{TableOptions, TableRecord, TableSource};
use crate::validation::part_validation;

/// The tasks of a run, and others that are added to them: the options of
/// [`sources::added`](crate::sources::added).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AddedOptions {
    /// Name of the data source of the run's own tasks.
    pub source: String,
    /// Its options.
    #[serde(default)]
    pub options: Map<String, Value>,
    /// What the run was told about data.
    pub data: DataOptions,
    /// The data of the run; its tasks are those of no others.
    pub identity: DataIdentity,
    /// Where the new tasks come from.
    pub new: NewTasks,
}

impl AddedOptions {
    /// The tasks of the data source `source`, made with `options` and loaded with
    /// `data`, which are those of `identity`; beside them the tasks of `new`.
    pub fn new(
        source: impl Into<String>,
        options: Map<String, Value>,
        data: DataOptions,
        identity: DataIdentity,
        new: NewTasks,
    ) -> Self {
        let source = source.into();
        Self {
            source,
            options,
            data,
            identity,
            new,
        }
    }
}

/// Where tasks come from that are added to those of a run.
// One value of it is made in a run.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum NewTasks {
    /// Columns of a table, learned from the columns that the run learned from, which
    /// become inputs as they did there.
    Table(TableOptions),
    /// The directories and arrays in [`DataOptions::data_dir`].
    Directory(OwnOptions),
}

/// Name of the source.
pub(crate) const ADDED: &str = "added";

/// The source of a run's own tasks, and what is added.
#[derive(Debug)]
pub(crate) struct AddedSource {
    options: AddedOptions,
    own: Arc<dyn DataSource>,
}

impl AddedSource {
    /// `own` is the source that the options name.
    pub fn new(options: AddedOptions, own: Arc<dyn DataSource>) -> Self {
        Self { options, own }
    }

    /// The run's own tasks.
    fn own_tasks(
        &self,
        data_dir: Option<&Path>,
        observer: &mut dyn Observer,
    ) -> Result<Dataset, DataError> {
        let mut data = self.options.data.clone();
        let is_table = matches!(self.options.new, NewTasks::Table(_));
        if is_table && let Some(moved) = data_dir {
            data.data_dir = Some(moved.to_owned());
        }
        // What is made of a table was said when the run was trained.
        let mut silent = |_: &str| ();
        let observer: &mut dyn Observer = if is_table { &mut silent } else { observer };
        let mut loaded = self.own.load(&data, observer)?;
        part_validation(&mut loaded.tasks, &data, observer)?;
        match loaded.identity == self.options.identity {
            true => Ok(loaded),
            false => Err(AddedProblem::OtherData {
                data: loaded.identity.name,
            }
            .into()),
        }
    }
}

impl DataSource for AddedSource {
    fn name(&self) -> &str {
        ADDED
    }

    fn options(&self) -> Map<String, Value> {
        stored_options(&self.options)
    }

    fn load(
        &self,
        options: &DataOptions,
        observer: &mut dyn Observer,
    ) -> Result<Dataset, DataError> {
        let own = self.own_tasks(options.data_dir.as_deref(), observer)?;
        let new = match (&self.options.new, &own.table) {
            (NewTasks::Table(table), Some(known)) => {
                let table = TableSource::new(table.clone()).like(known.clone());
                table.load(options, observer)?
            }
            (NewTasks::Directory(directory), None) => {
                let (tasks, identity) = own_tasks(options.directory()?, directory, observer)?;
                Dataset::new(tasks, identity)
            }
            (NewTasks::Table(_), None) => return Err(AddedProblem::NoTable.into()),
            (NewTasks::Directory(_), Some(_)) => return Err(AddedProblem::OnTable.into()),
        };
        let identity = both(&own.identity, &new.identity);
        let dataset = Dataset::new(joined(own.tasks, new.tasks)?, identity);
        Ok(match (own.table, new.table) {
            (Some(own), Some(new)) => dataset.of_table(continued(own, new)),
            _ => dataset,
        })
    }
}

/// The tasks, each of which has a name of its own.
fn joined(mut tasks: Vec<Task>, new: Vec<Task>) -> Result<Vec<Task>, DataError> {
    for task in new {
        if tasks.iter().any(|own| own.name == task.name) {
            return Err(AddedProblem::SameTask { task: task.name }.into());
        }
        tasks.push(task);
    }
    Ok(tasks)
}

fn both(own: &DataIdentity, new: &DataIdentity) -> DataIdentity {
    let files = |identity: &DataIdentity, of: &str| -> BTreeMap<String, String> {
        let files = identity.files.iter();
        files
            .map(|(name, sum)| (format!("{of}/{name}"), sum.clone()))
            .collect()
    };
    let mut all = files(own, "own");
    all.extend(files(new, "new"));
    DataIdentity {
        name: format!("{} + {}", own.name, new.name),
        real: own.real && new.real,
        files: all,
    }
}

/// The record of all tasks. Its rows and splits are those of the new table; those of
/// the other are in the run that it was trained by.
fn continued(own: TableRecord, new: TableRecord) -> TableRecord {
    let mut record = new;
    let new_targets = std::mem::replace(&mut record.targets, own.targets);
    record.targets.extend(new_targets);
    let ignored = own.ignored.into_iter().chain(record.ignored);
    let mut all: Vec<String> = Vec::new();
    for name in ignored {
        let is_target = record.targets.iter().any(|target| target.name == name);
        if !is_target && !all.contains(&name) {
            all.push(name);
        }
    }
    record.ignored = all;
    record
}

#[cfg(test)]
mod tests;
