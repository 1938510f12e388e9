//! A data source that a program brings along.

use std::error::Error;
use std::fmt;

use super::built_in::NAMES;
use crate::data_source::{DataSource, Dataset};
use crate::error::DataError;
use crate::observer::Observer;
use crate::options::DataOptions;

/// A name, and what loads the tasks.
pub struct Program<F> {
    name: String,
    load: F,
}

impl<F> Program<F> {
    pub fn new(name: String, load: F) -> Self {
        Self { name, load }
    }
}

impl<F> fmt::Debug for Program<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl<F> DataSource for Program<F>
where
    F: Fn(
            &DataOptions,
            &mut dyn Observer,
        ) -> Result<Dataset, Box<dyn Error + Send + Sync + 'static>>
        + Send
        + Sync,
{
    fn name(&self) -> &str {
        &self.name
    }

    fn load(
        &self,
        options: &DataOptions,
        observer: &mut dyn Observer,
    ) -> Result<Dataset, DataError> {
        // A stored run of this source would be taken for one of the other.
        if NAMES.contains(&self.name.as_str()) {
            return Err(DataError::ReservedName {
                name: self.name.clone(),
            });
        }
        (self.load)(options, observer).map_err(|source| match source.downcast::<DataError>() {
            Ok(error) => *error,
            Err(source) => DataError::Program {
                name: self.name.clone(),
                source,
            },
        })
    }
}
