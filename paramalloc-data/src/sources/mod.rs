//! The data sources of this crate, and how a program makes one of its own.

mod built_in;
mod program;

use std::error::Error;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::added::AddedOptions;
use crate::data_source::{DataSource, Dataset};
use crate::error::DataError;
use crate::observer::Observer;
use crate::omniglot::OmniglotOptions;
use crate::options::DataOptions;
use crate::own::OwnOptions;
use crate::synthetic::SyntheticOptions;
use crate::table::{TableOptions, TableSource};
pub use built_in::NAMES;

/// Four tasks of 10 classes: two plain copies of MNIST and two turned by 90
/// degrees; see [`mnist_tasks`](super::mnist_tasks).
pub fn mnist() -> Arc<dyn DataSource> {
    Arc::new(built_in::mnist())
}

/// 40 tasks in three clusters, of CIFAR-100, MNIST and Fashion-MNIST; see
/// [`cluster_tasks`](super::cluster_tasks).
pub fn clusters() -> Arc<dyn DataSource> {
    Arc::new(built_in::clusters())
}

/// One task per alphabet; see [`omniglot_tasks`](super::omniglot_tasks).
pub fn omniglot(options: OmniglotOptions) -> Arc<dyn DataSource> {
    Arc::new(built_in::omniglot(options))
}

/// Pairs of regression tasks of known relatedness; see
/// [`synthetic_tasks`](super::synthetic_tasks). Reads nothing of
/// [`DataOptions`].
pub fn synthetic(options: SyntheticOptions) -> Arc<dyn DataSource> {
    Arc::new(built_in::synthetic(options))
}

/// The tasks in the directory [`DataOptions::data_dir`], for a network of this
/// input; see [`own_tasks`](super::own_tasks).
pub fn directory(options: impl Into<OwnOptions>) -> Arc<dyn DataSource> {
    Arc::new(built_in::directory(options.into()))
}

/// A table: each column that is named to predict is a task. For a network that is
/// built from the table ask the source for its [`record`](TableSource::record).
pub fn table(options: TableOptions) -> Arc<TableSource> {
    Arc::new(TableSource::new(options))
}

/// The tasks of a run, and others that are added to them.
///
/// # Errors
/// If no source of this crate has the run's own tasks, or its options do not fit it.
pub fn added(options: AddedOptions) -> Result<Arc<dyn DataSource>, DataError> {
    Ok(Arc::new(built_in::added(options)?))
}

/// A data source of the program's own, which `load` loads: as
/// [`DataSource::load`], but with any error. It has no options to store, so
/// [`by_name`] cannot make it again; only the program itself can.
///
/// Its name is none of [`NAMES`], or loading is refused.
pub fn program<F>(name: impl Into<String>, load: F) -> Arc<dyn DataSource>
where
    F: Fn(
            &DataOptions,
            &mut dyn Observer,
        ) -> Result<Dataset, Box<dyn Error + Send + Sync + 'static>>
        + Send
        + Sync
        + 'static,
{
    Arc::new(program::Program::new(name.into(), load))
}

/// The data source of this crate with the name and the options that a run
/// stored; `None` if it has none of this name: only the program of the run
/// knows it.
///
/// # Errors
/// [`DataError::SourceOptions`] if options are missing, unknown or of another
/// type, one of [`DataError::is_usage`] if one is out of its range.
pub fn by_name(
    name: &str,
    options: &Map<String, Value>,
) -> Result<Option<Arc<dyn DataSource>>, DataError> {
    built_in::by_name(name, options)
}

#[cfg(test)]
mod tests;
