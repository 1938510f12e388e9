//! What is predicted.

use std::path::Path;

use paramalloc_data::NewInputs;
use paramalloc_data::table::{RowBatch, TableRows};

use crate::error::Error;
use crate::model::Model;

/// The inputs, as training had them.
pub enum Input {
    /// Of a run on a table.
    Table(TableRows),
    /// Of another run.
    Own(NewInputs),
}

impl Input {
    /// Opens the file or directory at `path` for a network.
    ///
    /// # Errors
    /// If it is not what the network takes.
    pub fn open(path: &Path, model: &Model) -> Result<Self, Error> {
        Ok(match model.table() {
            Some(record) => Self::Table(TableRows::open(path, record)?),
            None => Self::Own(NewInputs::open(path, model.input())?),
        })
    }

    /// Names of the columns that tell the inputs apart.
    pub fn id_columns(&self) -> Vec<&str> {
        match self {
            Self::Table(rows) => rows.id_columns(),
            Self::Own(inputs) => inputs.id_columns(),
        }
    }

    /// Texts so far that no training row had.
    pub fn unknown_texts(&self) -> u64 {
        match self {
            Self::Table(rows) => rows.unknown_texts(),
            Self::Own(_) => 0,
        }
    }

    /// The next inputs, at most `most`; none at the end.
    ///
    /// # Errors
    /// If a row or an image cannot be used.
    pub fn next(&mut self, most: usize) -> Result<RowBatch, Error> {
        Ok(match self {
            Self::Table(rows) => rows.next(most)?,
            Self::Own(inputs) => inputs.next(most)?,
        })
    }
}
