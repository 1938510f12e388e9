//! Tables as a data source.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use paramalloc_core::data::Task;
use paramalloc_core::summary::DataIdentity;
use serde_json::{Map, Value};

use super::columns::Columns;
use super::encode::Encoding;
use super::npz;
use super::options::TableOptions;
use super::prepare::{Prepared, prepare};
use super::record::TableRecord;
use super::splits::SPLITS;
use crate::data_source::{DataSource, Dataset, stored_options};
use crate::error::{DataError, TableProblem};
use crate::files::LocalFile;
use crate::observer::Observer;
use crate::options::DataOptions;

/// A table of the user's own as a data source: a task for each column to
/// predict. [`sources::table`](crate::sources::table) makes one.
///
/// The file, and the images that it names, are read once, whether [`record`](Self::record) or
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
    places: Places,
    prepared: Prepared,
    sha256: String,
}

/// Where the table is, and the images that it names, if it does.
type Places = (PathBuf, Option<PathBuf>);

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
        let places = self.places(data_dir);
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaded) = loaded.as_ref().filter(|loaded| loaded.places == places) {
            return Ok(loaded.clone());
        }
        let read = Arc::new(read(places, &self.options, self.known.as_ref())?);
        *loaded = Some(read.clone());
        Ok(read)
    }

    /// The table and its images where the options say, or in the directory that they
    /// were moved to.
    fn places(&self, data_dir: Option<&Path>) -> Places {
        let moved = |path: &Path| {
            let moved = data_dir.and_then(|dir| Some(dir.join(path.file_name()?)));
            let moved = moved.filter(|moved| moved.exists());
            moved.unwrap_or_else(|| path.to_owned())
        };
        let images = self.options.images.as_ref();
        (
            moved(&self.options.path),
            images.map(|images| moved(&images.directory)),
        )
    }
}

/// Reads a table and makes its tasks.
fn read(
    places: Places,
    options: &TableOptions,
    known: Option<&TableRecord>,
) -> Result<Loaded, DataError> {
    options.check()?;
    let path = &places.0;
    let mut options = options.clone();
    if let (Some(images), Some(directory)) = (&mut options.images, &places.1) {
        images.directory.clone_from(directory);
    }
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    let (prepared, sha256) = match extension.to_str() {
        Some("csv" | "tsv") => {
            let file = LocalFile::read(path.clone())?;
            let images = options.images.iter().map(|images| images.column.as_str());
            let as_text: Vec<&str> = texts_of(known).into_iter().chain(images).collect();
            let table = Columns::of_text_as(path, &file.bytes, &as_text)?;
            (prepare(path, &table, &options, (&[], known))?, file.sha256)
        }
        Some("npz") => {
            let (table, given, sha256) = npz::read(path)?;
            (prepare(path, &table, &options, (&given, known))?, sha256)
        }
        _ => return Err(DataError::table(path, TableProblem::Extension)),
    };
    Ok(Loaded {
        places,
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
        let mut tasks = prepared.tasks.clone();
        let largest = |split: &str| {
            let of_task = |task: &Task| {
                let mut splits = task.evaluation.iter();
                splits
                    .find(|(name, _)| name == split)
                    .map(|(_, set)| set.len())
            };
            tasks.iter().filter_map(of_task).max().unwrap_or(0)
        };
        let limits = options.note_of_limits(&SPLITS.map(|split| (split, largest(split))));
        let (rows, others) = prepared.messages.split_last().unzip();
        others
            .unwrap_or_default()
            .iter()
            .for_each(|message| observer.message(message));
        // The last line has the rows of the splits.
        if let Some(rows) = rows {
            observer.message(&format!("{rows}{limits}"));
        }
        for task in &mut tasks {
            task.train = options.limited("train", task.train.clone());
            for (split, examples) in &mut task.evaluation {
                *examples = options.limited(split, examples.clone());
            }
        }
        let table = (TABLE.to_owned(), loaded.sha256.clone());
        let images = prepared.images_sha256.clone();
        let images = images.map(|sum| ("images".to_owned(), sum));
        let identity = DataIdentity {
            // Not the file's name: moved or renamed it is the same table.
            name: TABLE.to_owned(),
            real: true,
            files: [table].into_iter().chain(images).collect(),
        };
        Ok(Dataset::new(tasks, identity).of_table(prepared.record.clone()))
    }
}
