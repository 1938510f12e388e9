//! NumPy arrays `x` and `y` in a `.npz` file.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use paramalloc_core::data::OwnedTargets;
use paramalloc_core::network::shape::Dims;
use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::samples::{Inputs, Samples};
use crate::error::{ArrayProblem, DataError};
use crate::files::{open, sha256_of};
use crate::formats::npy::{EntryType, Header, HeaderError, Kind};

/// The most bytes that an array may take, in the file or in memory.
const MAX_ARRAY_BYTES: u64 = 4 << 30;

/// The most classes of a task; their number fits 16 bits too.
const MAX_CLASSES: u16 = u16::MAX;

/// The examples in a file, and its SHA-256.
pub(super) fn read(path: &Path, input: Dims) -> Result<(Samples, String), DataError> {
    let mut file = open(path)?;
    let sha256 = sha256_of(&mut file, path)?;
    let archive = ZipArchive::new(BufReader::new(file))
        .map_err(|source| DataError::broken(path, "npz", source))?;
    let mut npz = Npz { path, archive };
    let x = npz.header("x")?;
    let y = npz.header("y")?;
    let fits = match x.shape[..] {
        [_, channels, height, width] => {
            input.is_image
                && [channels, height, width] == [input.channels, input.height, input.width]
        }
        [_, features] => !input.is_image && features == input.channels,
        _ => false,
    };
    if !fits {
        return Err(npz.problem(
            "x",
            ArrayProblem::InputShape {
                found: x.shape,
                input,
            },
        ));
    }
    let count = x.shape[0];
    if count == 0 {
        return Err(DataError::Empty {
            path: path.to_owned(),
            content: "examples",
        });
    }
    if y.shape.first() != Some(&count) {
        return Err(DataError::TargetCount {
            path: path.to_owned(),
            inputs: count,
            targets: y.shape,
        });
    }
    let (targets, outputs) = npz.targets(&y)?;
    let samples = Samples {
        count,
        inputs: npz.inputs(&x, input.is_image)?,
        targets,
        outputs,
        class_names: Vec::new(),
        max_of_16_bits: None,
    };
    Ok((samples, sha256))
}

/// An open archive.
struct Npz<'a> {
    path: &'a Path,
    archive: ZipArchive<BufReader<File>>,
}

impl Npz<'_> {
    fn problem(&self, array: &'static str, problem: ArrayProblem) -> DataError {
        DataError::Array {
            path: self.path.to_owned(),
            array,
            problem,
        }
    }

    fn broken(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> DataError {
        DataError::broken(self.path, "npz", source)
    }

    /// What reading entries failed with.
    fn unread(&self, array: &'static str, source: io::Error) -> DataError {
        match source.kind() {
            io::ErrorKind::UnexpectedEof => self.problem(array, ArrayProblem::Cut),
            _ => self.broken(source),
        }
    }

    /// The file of an array, and the bytes that the archive says it has.
    fn file(&mut self, array: &'static str) -> Result<ZipFile<'_, BufReader<File>>, DataError> {
        let path = self.path;
        match self.archive.by_name(&format!("{array}.npy")) {
            Ok(file) => Ok(file),
            Err(ZipError::FileNotFound) => Err(DataError::NoArray {
                path: path.to_owned(),
                array,
            }),
            Err(source) => Err(DataError::broken(path, "npz", source)),
        }
    }

    /// The header of an array whose entries can be read.
    fn header(&mut self, array: &'static str) -> Result<Header, DataError> {
        let mut file = self.file(array)?;
        let in_archive = file.size();
        let header = Header::read(&mut file);
        drop(file);
        let header = header.map_err(|source| match source {
            HeaderError::Read(source) => self.unread(array, source),
            source => self.broken(source),
        })?;
        if header.is_fortran && header.shape.len() > 1 {
            return Err(self.problem(array, ArrayProblem::FortranOrder));
        }
        let Some(EntryType { bytes, .. }) = header.entry else {
            return Ok(header);
        };
        // In memory an entry may take 4 bytes where it has fewer in the file.
        let size = |bytes: usize| {
            let entries = header.shape.iter().map(|&size| size as u64);
            entries.fold(bytes as u64, u64::saturating_mul)
        };
        if size(bytes.max(4)) > MAX_ARRAY_BYTES {
            return Err(DataError::TooLarge {
                path: self.path.join(array),
                content: "entries",
                bytes: size(bytes.max(4)),
                limit: MAX_ARRAY_BYTES,
            });
        }
        if size(bytes) > in_archive {
            return Err(self.problem(array, ArrayProblem::Cut));
        }
        Ok(header)
    }

    /// Gives each entry of an array, in the order of the file, to `push`.
    fn entries<const N: usize>(
        &mut self,
        array: &'static str,
        push: impl FnMut([u8; N]),
    ) -> Result<(), DataError> {
        let mut file = BufReader::new(self.file(array)?);
        let read = match Header::read(&mut file) {
            Ok(header) => header.entries(&mut file, push),
            Err(source) => Err(io::Error::other(source)),
        };
        // To the end, where the checksum of the archive is verified.
        let read = read.and_then(|()| io::copy(&mut file.take(1), &mut io::sink()));
        read.map(drop).map_err(|source| self.unread(array, source))
    }

    /// Floating-point numbers of 4 or 8 bytes, all finite.
    fn floats(&mut self, array: &'static str, header: &Header) -> Result<Vec<f32>, DataError> {
        let mut values = Vec::new();
        match header.entry.map(|entry| entry.bytes) {
            Some(4) => self.entries(array, |entry| values.push(f32::from_le_bytes(entry)))?,
            _ => self.entries(array, |entry| values.push(f64::from_le_bytes(entry) as f32))?,
        }
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(values),
            Some(index) => {
                let index = indices(index, &header.shape);
                Err(self.problem(array, ArrayProblem::NotFinite { index }))
            }
        }
    }

    fn inputs(&mut self, header: &Header, is_image: bool) -> Result<Inputs, DataError> {
        match header.entry.map(|entry| (entry.kind, entry.bytes)) {
            Some((Kind::Uint, 1)) if is_image => {
                let mut bytes = Vec::new();
                self.entries("x", |[byte]| bytes.push(byte))?;
                Ok(Inputs::Bytes(bytes))
            }
            // Features are numbers as they are; only pixels are 0 to 255.
            Some((Kind::Uint, 1)) => {
                let mut values = Vec::new();
                self.entries("x", |[byte]| values.push(f32::from(byte)))?;
                Ok(Inputs::Floats(values))
            }
            Some((Kind::Float, 4 | 8)) => Ok(Inputs::Floats(self.floats("x", header)?)),
            _ => Err(self.problem(
                "x",
                ArrayProblem::Type {
                    found: header.description.clone(),
                    wanted: "uint8, float32 or float64",
                },
            )),
        }
    }

    /// The targets and the width of the head that they need.
    fn targets(&mut self, header: &Header) -> Result<(OwnedTargets, usize), DataError> {
        match header.entry.map(|entry| (entry.kind, entry.bytes)) {
            Some((Kind::Float, 4 | 8)) => {
                let outputs = match header.shape[..] {
                    [_] => 1,
                    [_, outputs] if outputs > 0 => outputs,
                    _ => {
                        let found = header.shape.clone();
                        return Err(self.problem("y", ArrayProblem::ValueShape { found }));
                    }
                };
                Ok((OwnedTargets::Values(self.floats("y", header)?), outputs))
            }
            Some((kind @ (Kind::Int | Kind::Uint), bytes @ (1 | 2 | 4 | 8))) => {
                if header.shape.len() != 1 {
                    let found = header.shape.clone();
                    return Err(self.problem("y", ArrayProblem::ClassShape { found }));
                }
                self.classes(kind == Kind::Int, bytes)
            }
            _ => Err(self.problem(
                "y",
                ArrayProblem::Type {
                    found: header.description.clone(),
                    wanted: "of integers (classes) or of float32 or float64 (values to predict)",
                },
            )),
        }
    }

    fn classes(
        &mut self,
        is_signed: bool,
        bytes: usize,
    ) -> Result<(OwnedTargets, usize), DataError> {
        let mut classes: Vec<u16> = Vec::new();
        let mut wrong = None;
        let push = |label: i128| match u16::try_from(label) {
            Ok(class) if class < MAX_CLASSES => classes.push(class),
            _ => wrong = wrong.or(Some((classes.len(), label))),
        };
        self.integers("y", is_signed, bytes, push)?;
        if let Some((index, label)) = wrong {
            return Err(self.problem("y", ArrayProblem::Label { index, label }));
        }
        let outputs = classes
            .iter()
            .max()
            .map_or(0, |&class| usize::from(class) + 1);
        Ok((OwnedTargets::Classes(classes), outputs))
    }

    fn integers(
        &mut self,
        array: &'static str,
        is_signed: bool,
        bytes: usize,
        mut push: impl FnMut(i128),
    ) -> Result<(), DataError> {
        match (is_signed, bytes) {
            (true, 1) => self.entries(array, |entry| push(i8::from_le_bytes(entry).into())),
            (true, 2) => self.entries(array, |entry| push(i16::from_le_bytes(entry).into())),
            (true, 4) => self.entries(array, |entry| push(i32::from_le_bytes(entry).into())),
            (true, _) => self.entries(array, |entry| push(i64::from_le_bytes(entry).into())),
            (false, 1) => self.entries(array, |entry| push(u8::from_le_bytes(entry).into())),
            (false, 2) => self.entries(array, |entry| push(u16::from_le_bytes(entry).into())),
            (false, 4) => self.entries(array, |entry| push(u32::from_le_bytes(entry).into())),
            (false, _) => self.entries(array, |entry| push(u64::from_le_bytes(entry).into())),
        }
    }
}

/// The indices of an entry, as NumPy counts them.
fn indices(mut index: usize, shape: &[usize]) -> Vec<usize> {
    let mut indices = vec![0; shape.len()];
    for (place, &size) in indices.iter_mut().zip(shape).rev() {
        *place = index % size;
        index /= size;
    }
    indices
}
