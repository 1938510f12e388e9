//! Where predictions are written.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use paramalloc_data::write_npz;

use super::columns::Cell;
use crate::error::Error;

/// A file of predictions, or standard output.
pub enum Output {
    /// Text, a row as it comes.
    Text(Box<csv::Writer<Box<dyn Write>>>, PathBuf),
    /// Arrays, which say their length first: written at the end.
    Arrays {
        /// The file.
        path: PathBuf,
        /// Names of the columns.
        names: Vec<String>,
        /// The numbers, row by row; classes as their numbers.
        values: Vec<f32>,
    },
}

impl Output {
    /// Begins the file at `path`, `-` for standard output, with these columns:
    /// identifiers, then predictions. A `.npz` file has no identifiers.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn create(path: &Path, ids: Vec<String>, names: Vec<String>) -> Result<Self, Error> {
        if path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("npz"))
        {
            return Ok(Self::Arrays {
                path: path.to_owned(),
                names,
                values: Vec::new(),
            });
        }
        let file: Box<dyn Write> = match path == Path::new("-") {
            true => Box::new(io::stdout()),
            false => Box::new(File::create(path).map_err(Error::io("write", path))?),
        };
        let file: Box<dyn Write> = Box::new(BufWriter::new(file));
        let mut writer = csv::Writer::from_writer(file);
        let written = writer.write_record(ids.iter().chain(&names));
        written.map_err(|error| wrong(path, error.into()))?;
        Ok(Self::Text(Box::new(writer), path.to_owned()))
    }

    /// Writes a row.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn row(&mut self, ids: &[String], cells: &[Cell]) -> Result<(), Error> {
        match self {
            Self::Text(writer, path) => {
                let cells = cells.iter().map(|cell| match cell {
                    // What an f32 says, without its rounding in decimal.
                    Cell::Number(number) => (*number as f32).to_string(),
                    Cell::Class(name, _) => name.clone(),
                });
                let written = writer.write_record(ids.iter().cloned().chain(cells));
                written.map_err(|error| wrong(path, error.into()))
            }
            Self::Arrays { values, .. } => {
                values.extend(cells.iter().map(|cell| match cell {
                    Cell::Number(number) => *number as f32,
                    Cell::Class(_, number) => *number as f32,
                }));
                Ok(())
            }
        }
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(self) -> Result<(), Error> {
        match self {
            Self::Text(mut writer, path) => writer.flush().map_err(|error| wrong(&path, error)),
            Self::Arrays {
                path,
                names,
                values,
            } => write_npz(&path, &names, &values).map_err(Error::io("write", &path)),
        }
    }
}

fn wrong(path: &Path, source: io::Error) -> Error {
    match path == Path::new("-") {
        true => Error::Output(source),
        false => Error::io("write", path)(source),
    }
}
