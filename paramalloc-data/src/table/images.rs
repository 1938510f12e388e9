//! The images that a column of a table names.

use std::path::{Path, PathBuf};

use paramalloc_core::data::Inputs;
use paramalloc_core::network::shape::Dims;
use sha2::{Digest, Sha256};

use super::cell::Cell;
use super::columns::{Cells, Column};
use super::image_options::{ImageOptions, ImageRecord};
use crate::error::{DataError, TableImageError, TableProblem};
use crate::files::{LocalFile, hex};
use crate::formats::image_file::decode;
use crate::formats::raster::Raster;
use crate::image_input::{append, dark_warning, of_byte};

/// Rows and columns of images whose size nobody says, at most: a convolution costs
/// as much as there are pixels.
const MOST: usize = 64;

/// The images of a table: a byte for each value, standardized when they are read.
pub(crate) struct TableImages {
    record: ImageRecord,
    pixels: Vec<u8>,
}

impl Inputs for TableImages {
    fn len(&self) -> usize {
        self.pixels.len() / self.record.input.len()
    }

    fn input_len(&self) -> usize {
        self.record.input.len()
    }

    fn write(&self, index: usize, _augmentation: Option<u64>, input: &mut [f32]) {
        let len = input.len();
        let pixels = &self.pixels[index * len..][..len];
        for (value, &byte) in input.iter_mut().zip(pixels) {
            *value = of_byte(byte);
        }
        self.record.standardize(input);
    }
}

/// Images that were read, one after the other.
pub(crate) struct ReadImages {
    column: String,
    input: Dims,
    pixels: Vec<u8>,
    /// SHA-256 of the names and contents of all files.
    pub sha256: String,
    /// What the user is told, a line each.
    pub messages: Vec<String>,
}

impl ReadImages {
    /// The same as inputs, standardized by the rows `train`.
    pub fn into_inputs(self, train: &[usize]) -> (TableImages, ImageRecord) {
        let record = ImageRecord::fit(&self.column, self.input, &self.pixels, train);
        let inputs = TableImages {
            record: record.clone(),
            pixels: self.pixels,
        };
        (inputs, record)
    }
}

/// Where a table names an image.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The table.
    pub table: &'a Path,
    /// The line.
    pub line: u64,
    /// Name of the column.
    pub column: &'a str,
}

impl Place<'_> {
    /// The file that the cell here names, in `directory`.
    ///
    /// # Errors
    /// If it names none, or the file cannot be read.
    fn file(self, cell: Cell<'_>, directory: &Path) -> Result<LocalFile, DataError> {
        let name = match cell {
            Cell::Text(name) => PathBuf::from(name),
            Cell::Number(_) => {
                let column = self.column.to_owned();
                let problem = TableProblem::ImageNames { column };
                return Err(DataError::table(self.table, problem));
            }
            Cell::Missing => {
                let (line, column) = (self.line, self.column.to_owned());
                let problem = TableProblem::NoImage { line, column };
                return Err(DataError::table(self.table, problem));
            }
        };
        LocalFile::read(directory.join(name)).map_err(|error| self.wrong(error))
    }

    fn decoded(self, file: &LocalFile) -> Result<Raster, DataError> {
        decode(&file.bytes, &file.path).map_err(|error| self.wrong(error))
    }

    fn wrong(self, source: DataError) -> DataError {
        let image = TableImageError {
            path: self.table.to_owned(),
            line: self.line,
            column: self.column.to_owned(),
            source: Box::new(source),
        };
        image.into()
    }

    /// Adds the values of the image that the cell here names, as in training.
    ///
    /// # Errors
    /// If there is none, or it cannot be used.
    pub fn append(
        self,
        cell: Cell<'_>,
        directory: &Path,
        record: &ImageRecord,
        values: &mut Vec<f32>,
    ) -> Result<(), DataError> {
        let file = self.file(cell, directory)?;
        let mut pixels = Vec::new();
        append(self.decoded(&file)?, record.input, &mut pixels);
        let before = values.len();
        values.extend(pixels.into_iter().map(of_byte));
        record.standardize(&mut values[before..]);
        Ok(())
    }
}

/// Reads the images of all rows of the table at `path`.
///
/// # Errors
/// If a row names none, or one cannot be used.
pub(crate) fn read(
    path: &Path,
    options: &ImageOptions,
    column: &Column,
    lines: &[u64],
) -> Result<ReadImages, DataError> {
    let mut input = None;
    let (mut pixels, mut sum) = (Vec::new(), Sha256::new());
    let (mut max_of_16_bits, mut colored) = (None, 0_usize);
    let mut messages = Vec::new();
    for (row, &line) in lines.iter().enumerate() {
        let place = Place {
            table: path,
            line,
            column: &column.name,
        };
        let file = place.file(column.cell(row), &options.directory)?;
        for part in [column.shown(row).as_bytes(), &file.bytes] {
            sum.update((part.len() as u64).to_le_bytes());
            sum.update(part);
        }
        let image = place.decoded(&file)?;
        let input = *input.get_or_insert_with(|| {
            let input = shape(options, &image);
            messages.push(message(options, &image, input, lines.len()));
            input
        });
        max_of_16_bits = max_of_16_bits.max(image.max_of_16_bits);
        colored += usize::from(image.channels == 3 && input.channels == 1);
        append(image, input, &mut pixels);
    }
    if colored > 0 && options.channels.is_none() {
        messages.push(format!(
            "warning: {colored} images have colors, but are made gray, as the first one is; --image-channels 3 keeps them"
        ));
    }
    messages.extend(dark_warning(&column.name, max_of_16_bits));
    match input {
        None => Err(DataError::table(path, TableProblem::NoRows)),
        Some(input) => Ok(ReadImages {
            column: column.name.clone(),
            input,
            pixels,
            sha256: hex(&sum.finalize()),
            messages,
        }),
    }
}

/// True of a column that may name files: numbers lose the zeros before them.
pub(crate) fn names_files(column: &Column) -> bool {
    matches!(column.cells, Cells::Texts { .. })
}

/// The shape that all images are made to, by the first one.
fn shape(options: &ImageOptions, first: &Raster) -> Dims {
    let [rows, columns] = options.size.unwrap_or_else(|| {
        let size = upright(first);
        let longer = size[0].max(size[1]);
        size.map(|side| match longer > MOST {
            true => (side * MOST).div_ceil(longer),
            false => side,
        })
    });
    Dims::image(options.channels.unwrap_or(first.channels), rows, columns)
}

/// Rows and columns of an image that stands upright.
fn upright(image: &Raster) -> [usize; 2] {
    match image.orientation.swaps() {
        true => [image.width, image.height],
        false => [image.height, image.width],
    }
}

/// `200 images to learn from, made 28x28, gray`
fn message(options: &ImageOptions, first: &Raster, input: Dims, rows: usize) -> String {
    let color = match input.channels {
        1 => "gray",
        _ => "red, green and blue",
    };
    let size = format!("{}x{}", input.height, input.width);
    let [height, width] = upright(first);
    let from = match (options.size, [height, width] == [input.height, input.width]) {
        (Some(_), _) => "",
        (None, true) => " as the first one",
        (None, false) => &format!(
            ", reduced from {height}x{width} of the first one; --image-size says another size"
        ),
    };
    format!("{rows} images to learn from: {color}, {size}{from}")
}
