//! New rows for a trained network, some at a time.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use csv::StringRecord;

use super::cell::Cell;
use super::columns::Columns;
use super::encode::Feature;
use super::image_options::ImageRecord;
use super::images::Place;
use super::npz;
use super::record::TableRecord;
use super::text::TextTable;
use crate::error::{DataError, TableProblem};
use crate::files::open;

/// The rows of a table, encoded as the run of a [`TableRecord`] was trained.
/// Columns are found by their names; those of the targets need not be there.
///
/// A `.csv` or `.tsv` file is read as it is asked for, so that the memory does not
/// depend on its length; a `.npz` file is read whole.
pub struct TableRows {
    path: PathBuf,
    features: Vec<Feature>,
    /// The column of each feature.
    columns: Vec<usize>,
    /// How images are read, and the column that names them.
    images: Option<(ImageRecord, usize)>,
    /// The directory of the images.
    directory: PathBuf,
    /// Columns that are passed on.
    ids: Vec<(String, usize)>,
    content: Content,
    unknown: u64,
}

enum Content {
    Text(Box<TextTable<File>>),
    Memory { table: Columns, next: usize },
}

/// Some rows.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RowBatch {
    /// Number of rows.
    pub rows: usize,
    /// The network's inputs, `[rows, values]`.
    pub inputs: Vec<f32>,
    /// For each row the cells of the columns that are passed on.
    pub ids: Vec<Vec<String>>,
}

impl TableRows {
    /// Opens the table at `path` for a run. Columns that the run ignored and that
    /// are there are passed on with each row, and so are names of images, which are
    /// relative to the table's directory unless [`Self::images_in`] names another.
    ///
    /// # Errors
    /// If the file cannot be read, or lacks a feature.
    pub fn open(path: &Path, record: &TableRecord) -> Result<Self, DataError> {
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        let (names, content) = match extension.to_str() {
            Some("csv" | "tsv") => {
                let table = TextTable::open(path, open(path)?)?;
                (table.names.clone(), Content::Text(Box::new(table)))
            }
            Some("npz") => {
                let (table, ..) = npz::read_inputs(path)?;
                let names = table.columns.iter().map(|column| column.name.clone());
                (names.collect(), Content::Memory { table, next: 0 })
            }
            _ => return Err(DataError::table(path, TableProblem::Extension)),
        };
        let find = |wanted: &str| names.iter().position(|name| name == wanted);
        let found = |wanted: &str| {
            find(wanted).ok_or_else(|| {
                let columns = names.iter().filter(|name| !name.is_empty());
                DataError::table(
                    path,
                    TableProblem::NoFeature {
                        name: wanted.to_owned(),
                        columns: columns.cloned().collect(),
                    },
                )
            })
        };
        let columns = record.features.iter().map(|feature| found(&feature.name));
        let images = match &record.images {
            Some(images) => Some((images.clone(), found(&images.column)?)),
            None => None,
        };
        let ids = record.images.iter().map(|images| &images.column);
        let ids = ids.chain(&record.ignored);
        let ids = ids.filter_map(|name| Some((name.clone(), find(name)?)));
        Ok(Self {
            path: path.to_owned(),
            directory: path.parent().unwrap_or(Path::new("")).to_owned(),
            images,
            columns: columns.collect::<Result<_, _>>()?,
            features: record.features.clone(),
            ids: ids.collect(),
            content,
            unknown: 0,
        })
    }

    /// Reads the images that the table names from this directory.
    #[must_use]
    pub fn images_in(mut self, directory: PathBuf) -> Self {
        self.directory = directory;
        self
    }

    /// Names of the columns that are passed on.
    pub fn id_columns(&self) -> Vec<&str> {
        self.ids.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// Texts so far that no training row had.
    pub fn unknown_texts(&self) -> u64 {
        self.unknown
    }

    /// The next rows, at most `most` of them; none at the end.
    ///
    /// # Errors
    /// If a row has another number of cells than the header, or a cell is not
    /// what its column needs.
    pub fn next(&mut self, most: usize) -> Result<RowBatch, DataError> {
        let mut batch = RowBatch::default();
        while batch.rows < most {
            let Self {
                content, features, ..
            } = self;
            let reading = Reading {
                path: &self.path,
                features,
                columns: &self.columns,
                images: self.images.as_ref(),
                directory: &self.directory,
                ids: &self.ids,
                unknown: &mut self.unknown,
            };
            let has_more = match content {
                Content::Text(table) => {
                    let decimal_comma = table.decimal_comma;
                    match table.next()? {
                        Some((line, record)) => {
                            reading.text(line, record, decimal_comma, &mut batch)?;
                            true
                        }
                        None => false,
                    }
                }
                Content::Memory { table, next } => {
                    let row = *next;
                    *next += 1;
                    match row < table.rows() {
                        true => {
                            reading.memory(table, row, &mut batch)?;
                            true
                        }
                        false => false,
                    }
                }
            };
            if !has_more {
                break;
            }
        }
        Ok(batch)
    }
}

/// What it takes to read a row.
struct Reading<'a> {
    path: &'a Path,
    features: &'a [Feature],
    columns: &'a [usize],
    images: Option<&'a (ImageRecord, usize)>,
    directory: &'a Path,
    ids: &'a [(String, usize)],
    unknown: &'a mut u64,
}

impl Reading<'_> {
    fn text(
        self,
        line: u64,
        record: &StringRecord,
        decimal_comma: bool,
        batch: &mut RowBatch,
    ) -> Result<(), DataError> {
        let ids = self.ids.iter();
        let ids = ids.map(|&(_, column)| record.get(column).unwrap_or_default().to_owned());
        batch.ids.push(ids.collect());
        self.write(line, batch, |column| {
            let text = record.get(column).unwrap_or_default();
            (Cell::read(text, decimal_comma), text)
        })
    }

    fn memory(self, table: &Columns, row: usize, batch: &mut RowBatch) -> Result<(), DataError> {
        let ids = self.ids.iter();
        let ids = ids.map(|&(_, column)| table.columns[column].shown(row));
        batch.ids.push(ids.collect());
        self.write(table.lines[row], batch, |column| {
            (table.columns[column].cell(row), "")
        })
    }

    fn write<'b>(
        self,
        line: u64,
        batch: &mut RowBatch,
        cell: impl Fn(usize) -> (Cell<'b>, &'b str),
    ) -> Result<(), DataError> {
        for (feature, &column) in self.features.iter().zip(self.columns) {
            let (cell, text) = cell(column);
            if feature.is_unknown(cell, text) {
                *self.unknown += 1;
            }
            let before = batch.inputs.len();
            batch.inputs.resize(before + feature.width(), 0.0);
            let written = feature.write(cell, text, &mut batch.inputs[before..]);
            written.map_err(|refused| {
                DataError::cell(self.path, refused, line, &feature.name, text)
            })?;
        }
        if let Some((record, column)) = self.images {
            let place = Place {
                table: self.path,
                line,
                column: &record.column,
            };
            let (cell, text) = cell(*column);
            // Whatever it looks like, it is a name.
            let cell = match cell {
                Cell::Number(_) => Cell::Text(text),
                cell => cell,
            };
            place.append(cell, self.directory, record, &mut batch.inputs)?;
        }
        batch.rows += 1;
        Ok(())
    }
}

impl fmt::Debug for TableRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableRows")
            .field("path", &self.path)
            .field("features", &self.features.len())
            .field("images", &self.images)
            .finish_non_exhaustive()
    }
}
