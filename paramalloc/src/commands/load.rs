//! Loads the tasks of a run.

use paramalloc_data::{DataOptions, DataSource, Dataset, Observer, part_validation};

use crate::error::Error;

/// The tasks that `source` gives.
///
/// # Errors
/// What is wrong with the data; [`Error::NoDataDir`] where their directory is
/// not there (any more), as after it was moved.
pub fn load(
    source: &dyn DataSource,
    options: &DataOptions,
    observer: &mut dyn Observer,
) -> Result<Dataset, Error> {
    let loaded = source.load(options, observer).and_then(|mut dataset| {
        part_validation(&mut dataset.tasks, options, observer)?;
        Ok(dataset)
    });
    loaded.map_err(|source| match &options.data_dir {
        Some(path) if !path.exists() => Error::NoDataDir {
            path: path.clone(),
            source,
        },
        _ => Error::Data(source),
    })
}
