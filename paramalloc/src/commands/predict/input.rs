//! What is predicted.

use std::path::Path;

use paramalloc_data::table::{RowBatch, TableRows};
use paramalloc_data::{NewInputs, Normalization};

use crate::error::{Error, PredictError};
use crate::model::Model;

/// The inputs, as training had them.
pub enum Input {
    /// Of a run on a table.
    Table(TableRows),
    /// Of another run.
    Own(NewInputs),
}

impl Input {
    /// Opens the file or directory at `path` for a network. Images that a table names
    /// are in the directory `images`, by default where they were in training.
    ///
    /// # Errors
    /// If it is not what the network takes.
    pub fn open(path: &Path, images: Option<&Path>, model: &Model) -> Result<Self, Error> {
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        let is_table = matches!(extension.to_str(), Some("csv" | "tsv"));
        let Some(record) = model.table() else {
            let (path, input) = (path.to_owned(), model.input());
            return match is_table && !path.is_dir() {
                true => Err(PredictError::Table { path, input }.into()),
                false => {
                    let inputs = NewInputs::open(&path, input)?;
                    Ok(Self::Own(normalized(inputs, model.normalization())))
                }
            };
        };
        if record.images.is_none() {
            return Ok(Self::Table(TableRows::open(path, record)?));
        }
        Ok(match is_table {
            true => {
                let rows = TableRows::open(path, record)?;
                let directory = images.map(Path::to_owned);
                let directory = directory.or_else(|| model.images_directory());
                Self::Table(match directory {
                    Some(directory) => rows.images_in(directory),
                    None => rows,
                })
            }
            false => {
                let inputs = NewInputs::open(path, model.input())?;
                Self::Own(normalized(inputs, model.normalization()))
            }
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

fn normalized(inputs: NewInputs, normalization: Option<&Normalization>) -> NewInputs {
    match normalization {
        Some(normalization) => inputs.normalized(normalization.clone()),
        None => inputs,
    }
}
