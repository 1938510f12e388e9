//! A reader, and how inputs for it are made.

use std::path::Path;

use crate::mutate::Parts;

/// What a reader says of an input: nothing, or why it refuses it.
pub type Verdict = Result<(), String>;

/// A reader of foreign bytes.
pub trait Target {
    /// Its name on the command line.
    fn name(&self) -> &'static str;

    /// The most memory that it may take for an input, in bytes.
    fn memory(&self) -> usize {
        64 << 20
    }

    /// Inputs that are whole, in parts that are changed one by one.
    fn seeds(&self) -> Vec<Parts>;

    /// The file of some parts. Where a format has checksums or compresses, these are
    /// made here, so that a change in a part reaches the reader.
    fn pack(&self, parts: &Parts) -> Vec<u8> {
        parts.concat()
    }

    /// Reads a file, as the programs do; `directory` is empty, or as the last call
    /// left it.
    fn read(&mut self, bytes: &[u8], directory: &Path) -> Verdict;
}

/// The sentence of an error.
pub fn sentence(error: impl std::fmt::Display) -> String {
    error.to_string()
}
