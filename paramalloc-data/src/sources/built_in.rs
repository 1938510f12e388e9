//! The data sources that are known by name.

use std::sync::Arc;

use paramalloc_core::data::Task;
use paramalloc_core::summary::DataIdentity;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::added::{ADDED, AddedOptions, AddedSource};
use crate::clusters::cluster_tasks;
use crate::data_source::{DataSource, Dataset, stored_options};
use crate::error::{AddedProblem, DataError};
use crate::mnist::mnist_tasks;
use crate::observer::Observer;
use crate::omniglot::{OmniglotOptions, omniglot_tasks};
use crate::options::DataOptions;
use crate::own::{OwnOptions, own_tasks};
use crate::synthetic::{SyntheticOptions, synthetic_tasks};
use crate::table::{TABLE, TableOptions, TableSource};

/// Names of the data sources of this crate.
pub const NAMES: [&str; 7] = [
    MNIST, CLUSTERS, OMNIGLOT, SYNTHETIC, DIRECTORY, TABLE, ADDED,
];

const MNIST: &str = "mnist";
const CLUSTERS: &str = "clusters";
const OMNIGLOT: &str = "omniglot";
const SYNTHETIC: &str = "synthetic";
const DIRECTORY: &str = "directory";

/// Makes the tasks by the options of the source and those of the run.
type Load<O> =
    fn(&O, &DataOptions, &mut dyn Observer) -> Result<(Vec<Task>, DataIdentity), DataError>;

/// A data source with options `O`, a struct.
#[derive(Debug)]
pub struct BuiltIn<O> {
    name: &'static str,
    options: O,
    load: Load<O>,
}

/// The options of a source that has none.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoOptions {}

impl<O: Serialize + std::fmt::Debug + Send + Sync> DataSource for BuiltIn<O> {
    fn name(&self) -> &str {
        self.name
    }

    fn options(&self) -> Map<String, Value> {
        stored_options(&self.options)
    }

    fn load(
        &self,
        options: &DataOptions,
        observer: &mut dyn Observer,
    ) -> Result<Dataset, DataError> {
        let (tasks, identity) = (self.load)(&self.options, options, observer)?;
        Ok(Dataset::new(tasks, identity))
    }
}

pub fn mnist() -> BuiltIn<NoOptions> {
    BuiltIn {
        name: MNIST,
        options: NoOptions {},
        load: |_, data, observer| mnist_tasks(data, observer),
    }
}

pub fn clusters() -> BuiltIn<NoOptions> {
    BuiltIn {
        name: CLUSTERS,
        options: NoOptions {},
        load: |_, data, observer| cluster_tasks(data, observer),
    }
}

pub fn omniglot(options: OmniglotOptions) -> BuiltIn<OmniglotOptions> {
    BuiltIn {
        name: OMNIGLOT,
        options,
        load: |options, data, observer| omniglot_tasks(data, options, observer),
    }
}

pub fn synthetic(options: SyntheticOptions) -> BuiltIn<SyntheticOptions> {
    BuiltIn {
        name: SYNTHETIC,
        options,
        load: |options, _, _| synthetic_tasks(options),
    }
}

pub fn directory(options: OwnOptions) -> BuiltIn<OwnOptions> {
    BuiltIn {
        name: DIRECTORY,
        options,
        load: |options, data, observer| own_tasks(data.directory()?, options, observer),
    }
}

/// # Errors
/// If the run's own tasks are from a source that is not of this crate, or its options
/// do not fit it.
pub fn added(options: AddedOptions) -> Result<AddedSource, DataError> {
    let own = by_name(&options.source, &options.options)?;
    let own = own.ok_or_else(|| AddedProblem::UnknownSource {
        source_name: options.source.clone(),
    })?;
    Ok(AddedSource::new(options, own))
}

/// The source `name` with these options, if it is one of [`NAMES`].
pub fn by_name(
    name: &str,
    options: &Map<String, Value>,
) -> Result<Option<Arc<dyn DataSource>>, DataError> {
    Ok(Some(match name {
        MNIST => {
            let NoOptions {} = parse(name, options)?;
            Arc::new(mnist())
        }
        CLUSTERS => {
            let NoOptions {} = parse(name, options)?;
            Arc::new(clusters())
        }
        OMNIGLOT => {
            let options: OmniglotOptions = parse(name, options)?;
            options.check()?;
            Arc::new(omniglot(options))
        }
        SYNTHETIC => {
            let options: SyntheticOptions = parse(name, options)?;
            options.check()?;
            Arc::new(synthetic(options))
        }
        DIRECTORY => {
            let options: OwnOptions = parse(name, options)?;
            options.check()?;
            Arc::new(directory(options))
        }
        TABLE => {
            let options: TableOptions = parse(name, options)?;
            options.check()?;
            Arc::new(TableSource::new(options))
        }
        ADDED => Arc::new(added(parse(name, options)?)?),
        _ => return Ok(None),
    }))
}

fn parse<O: DeserializeOwned>(name: &str, options: &Map<String, Value>) -> Result<O, DataError> {
    serde_json::from_value(Value::Object(options.clone())).map_err(|source| {
        DataError::SourceOptions {
            name: name.to_owned(),
            source,
        }
    })
}
