//! Arrays in a `.npz` file.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::npy::{EntryType, Header, HeaderError};
use crate::error::{ArrayProblem, DataError};
use crate::files::{open, sha256_of};

/// The most bytes that an array may take, in the file or in memory.
const MAX_ARRAY_BYTES: u64 = 4 << 30;

/// The most bytes of an array of texts.
const MAX_TEXT_BYTES: u64 = 64 << 20;

/// An open archive.
pub(crate) struct Npz<'a> {
    /// Where it is.
    pub path: &'a Path,
    archive: ZipArchive<BufReader<File>>,
}

impl<'a> Npz<'a> {
    /// Opens a file; gives its SHA-256 too.
    pub fn open(path: &'a Path) -> Result<(Self, String), DataError> {
        let mut file = open(path)?;
        let sha256 = sha256_of(&mut file, path)?;
        let archive = ZipArchive::new(BufReader::new(file))
            .map_err(|source| DataError::broken(path, "npz", source))?;
        Ok((Self { path, archive }, sha256))
    }

    /// True if it has an array of this name.
    pub fn has(&self, array: &str) -> bool {
        self.archive
            .index_for_name(&format!("{array}.npy"))
            .is_some()
    }

    /// What is wrong with an array.
    pub fn problem(&self, array: &'static str, problem: ArrayProblem) -> DataError {
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
    pub fn header(&mut self, array: &'static str) -> Result<Header, DataError> {
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
    pub fn entries<const N: usize>(
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

    /// The first `len` bytes of the entries of an array, at most 64 MiB.
    pub fn bytes(&mut self, array: &'static str, len: u64) -> Result<Vec<u8>, DataError> {
        if len > MAX_TEXT_BYTES {
            return Err(DataError::TooLarge {
                path: self.path.join(array),
                content: "entries",
                bytes: len,
                limit: MAX_TEXT_BYTES,
            });
        }
        let mut bytes = Vec::new();
        let mut file = BufReader::new(self.file(array)?);
        let read = match Header::read(&mut file) {
            Ok(_) => file.by_ref().take(len).read_to_end(&mut bytes),
            Err(source) => Err(io::Error::other(source)),
        };
        drop(file);
        match read {
            Ok(found) if (found as u64) < len => Err(self.problem(array, ArrayProblem::Cut)),
            Ok(_) => Ok(bytes),
            Err(source) => Err(self.unread(array, source)),
        }
    }

    /// Floating-point numbers of 4 or 8 bytes, all finite.
    pub fn floats(&mut self, array: &'static str, header: &Header) -> Result<Vec<f32>, DataError> {
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

    /// Gives each entry of an array of integers to `push`.
    pub fn integers(
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
