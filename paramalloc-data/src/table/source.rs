//! Tables as a data source.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use paramalloc_core::summary::DataIdentity;
use serde_json::{Map, Value};

use super::columns::Columns;
use super::encode::Encoding;
use super::npz;
use super::options::TableOptions;
use super::prepare::{Prepared, prepare};
use super::record::TableRecord;
use crate::data_source::{DataSource, Dataset, stored_options};
use crate::error::{DataError, TableProblem};
use crate::files::LocalFile;
use crate::observer::Observer;
use crate::options::DataOptions;

/// A table of the user's own as a data source: a task for each column to
/// predict. [`sources::table`](crate::sources::table) makes one.
///
/// The file is read once, whether [`record`](Self::record) or
/// [`load`](DataSource::load) comes first.
#[derive(Debug)]
pub struct TableSource {
    options: TableOptions,
    /// What is known of the columns already.
    known: Option<TableRecord>,
    loaded: Mutex<Option<Arc<Loaded>>>,
}

/// A table that was read.
#[derive(Debug)]
struct Loaded {
    path: PathBuf,
    prepared: Prepared,
    sha256: String,
}

/// Name of the source.
pub(crate) const TABLE: &str = "table";

impl TableSource {
    /// The table that the options name.
    pub fn new(options: TableOptions) -> Self {
        Self {
            options,
            known: None,
            loaded: Mutex::new(None),
        }
    }

    /// The same with the features of this record, which become inputs as they did
    /// there; all columns that are no targets are ignored.
    #[must_use]
    pub fn like(self, record: TableRecord) -> Self {
        Self {
            known: Some(record),
            loaded: Mutex::new(None),
            ..self
        }
    }

    /// Reads the table: what its columns are, so that a network can be built for
    /// it. `data_dir` is the directory of a table that was moved.
    ///
    /// # Errors
    /// If the file cannot be read, the options do not fit it, or a cell is not
    /// what its column needs.
    pub fn record(&self, data_dir: Option<&Path>) -> Result<TableRecord, DataError> {
        Ok(self.loaded(data_dir)?.prepared.record.clone())
    }

    fn loaded(&self, data_dir: Option<&Path>) -> Result<Arc<Loaded>, DataError> {
        let path = self.place(data_dir);
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaded) = loaded.as_ref().filter(|loaded| loaded.path == path) {
            return Ok(loaded.clone());
        }
        let read = Arc::new(read(path, &self.options, self.known.as_ref())?);
        *loaded = Some(read.clone());
        Ok(read)
    }

    /// The table where the options say, or in the directory that it was moved to.
    fn place(&self, data_dir: Option<&Path>) -> PathBuf {
        let moved = data_dir.and_then(|dir| Some(dir.join(self.options.path.file_name()?)));
        match moved {
            Some(moved) if moved.is_file() => moved,
            _ => self.options.path.clone(),
        }
    }
}

/// Reads a table and makes its tasks.
fn read(
    path: PathBuf,
    options: &TableOptions,
    known: Option<&TableRecord>,
) -> Result<Loaded, DataError> {
    options.check()?;
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    let (prepared, sha256) = match extension.to_str() {
        Some("csv" | "tsv") => {
            let file = LocalFile::read(path.clone())?;
            let table = Columns::of_text_as(&path, &file.bytes, &texts_of(known))?;
            (prepare(&path, &table, options, (&[], known))?, file.sha256)
        }
        Some("npz") => {
            let (table, given, sha256) = npz::read(&path)?;
            (prepare(&path, &table, options, (&given, known))?, sha256)
        }
        _ => return Err(DataError::table(&path, TableProblem::Extension)),
    };
    Ok(Loaded {
        path,
        prepared,
        sha256,
    })
}

/// Names of the columns that are known as text, whatever is in them.
fn texts_of(known: Option<&TableRecord>) -> Vec<&str> {
    let features = known.into_iter().flat_map(|record| &record.features);
    let texts = features.filter(|feature| matches!(feature.encoding, Encoding::Text { .. }));
    texts.map(|feature| feature.name.as_str()).collect()
}

impl DataSource for TableSource {
    fn name(&self) -> &str {
        TABLE
    }

    fn options(&self) -> Map<String, Value> {
        stored_options(&self.options)
    }

    fn load(
        &self,
        options: &DataOptions,
        observer: &mut dyn Observer,
    ) -> Result<Dataset, DataError> {
        let loaded = self.loaded(options.data_dir.as_deref())?;
        let prepared = &loaded.prepared;
        for message in &prepared.messages {
            observer.message(message);
        }
        let mut tasks = prepared.tasks.clone();
        for task in &mut tasks {
            task.train = options.limited("train", task.train.clone());
            for (split, examples) in &mut task.evaluation {
                *examples = options.limited(split, examples.clone());
            }
        }
        let identity = DataIdentity {
            // Not the file's name: moved or renamed it is the same table.
            name: TABLE.to_owned(),
            real: true,
            files: [(TABLE.to_owned(), loaded.sha256.clone())].into(),
        };
        Ok(Dataset::new(tasks, identity).of_table(prepared.record.clone()))
    }
}
