//! How far a run of a sweep is.

use std::path::Path;

use crate::error::Error;
use crate::record::run_record::RunRecord;

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not begun.
    New,
    /// Begun and not finished.
    Stopped,
    /// Finished.
    Finished,
}

impl State {
    /// How far the run in a directory is.
    ///
    /// # Errors
    /// If there is a run that cannot be read.
    pub fn of(directory: &Path) -> Result<Self, Error> {
        Ok(match RunRecord::find(directory)? {
            None => Self::New,
            Some(run) => match run.outcome_or_warning() {
                Some(_) => Self::Finished,
                None => Self::Stopped,
            },
        })
    }
}
