//! The logger that writes `metrics.jsonl`.

use std::path::Path;

use paramalloc_core::summary::{FileContent, Metric};

use super::logger::{Event, Logger};
use crate::error::Error;
use crate::run_dir::growing_file::GrowingFile;

/// Writes train lines and evaluations to a file, a JSON object per line.
#[derive(Debug)]
pub struct JsonLines {
    file: GrowingFile,
}

impl JsonLines {
    /// Writes to the file at `path`, made if need be, after its first `len`
    /// bytes; what comes after them is cut off.
    ///
    /// # Errors
    /// [`Error::Save`] naming the file.
    pub fn open(path: &Path, len: u64) -> Result<Self, Error> {
        let file = GrowingFile::open(path, len)?;
        Ok(Self { file })
    }

    /// What the file holds once all of it is on the disk.
    ///
    /// # Errors
    /// [`Error::Save`] naming the file.
    pub fn flush(&self) -> Result<FileContent, Error> {
        self.file.flush()
    }
}

impl Logger for JsonLines {
    fn log(&mut self, event: &Event<'_>) -> Result<(), Error> {
        let metric = match *event {
            Event::Train(line) => Metric::Train(line.clone()),
            Event::Evaluation(line) => Metric::Evaluation(line.clone()),
            _ => return Ok(()),
        };
        let line = serde_json::to_vec(&metric);
        let mut line = line.map_err(Error::json("a line of metrics.jsonl"))?;
        line.push(b'\n');
        self.file.append(&line)
    }
}
