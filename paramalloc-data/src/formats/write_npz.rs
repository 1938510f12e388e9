//! Writing NumPy's `.npz` files.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Writes `values`, `[rows, names]`, as the array `p` of a new `.npz` file at
/// `path`, and the names of its columns as the array `columns`.
///
/// # Errors
/// If the file cannot be written.
pub fn write_npz(path: &Path, names: &[String], values: &[f32]) -> io::Result<()> {
    let mut archive = ZipWriter::new(BufWriter::new(File::create(path)?));
    let rows = values.len().checked_div(names.len()).unwrap_or(0);
    let shape = format!("({rows}, {})", names.len());
    let entries = values.iter().flat_map(|value| value.to_le_bytes());
    array(&mut archive, "p", "<f4", &shape, entries.collect())?;
    let letters = names.iter().map(|name| name.chars().count()).max();
    let letters = letters.unwrap_or(0).max(1);
    let shape = format!("({},)", names.len());
    let padded = names.iter().flat_map(|name| {
        let name = name.chars().map(u32::from);
        name.chain(std::iter::repeat(0)).take(letters)
    });
    let padded = padded.flat_map(u32::to_le_bytes).collect();
    array(
        &mut archive,
        "columns",
        &format!("<U{letters}"),
        &shape,
        padded,
    )?;
    archive.finish()?.flush()
}

fn array<W: Write + io::Seek>(
    archive: &mut ZipWriter<W>,
    name: &str,
    entry: &str,
    shape: &str,
    entries: Vec<u8>,
) -> io::Result<()> {
    let mut header = format!("{{'descr': '{entry}', 'fortran_order': False, 'shape': {shape}, }}");
    // The entries begin at a multiple of 64 bytes.
    let len = (10 + header.len() + 1).next_multiple_of(64) - 10;
    header += &" ".repeat(len - header.len() - 1);
    header.push('\n');
    archive.start_file(format!("{name}.npy"), SimpleFileOptions::default())?;
    archive.write_all(b"\x93NUMPY\x01\x00")?;
    archive.write_all(&(len as u16).to_le_bytes())?;
    archive.write_all(header.as_bytes())?;
    archive.write_all(&entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::npz::Npz;

    #[test]
    fn what_is_written_is_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("p.npz");
        let names = ["a", "NR-AR"].map(str::to_owned);
        write_npz(&path, &names, &[0.5, 1.0, 0.25, 2.0]).unwrap();
        let (mut npz, _) = Npz::open(&path).unwrap();
        let header = npz.header("p").unwrap();
        assert_eq!(header.shape, [2, 2]);
        assert_eq!(npz.floats("p", &header).unwrap(), [0.5, 1.0, 0.25, 2.0]);
        let header = npz.header("columns").unwrap();
        assert_eq!((&header.shape[..], header.letters()), (&[2][..], Some(5)));
        let letters = npz.bytes("columns", 40).unwrap();
        assert_eq!((letters[0], letters[20], letters[36]), (b'a', b'N', b'R'));
    }
}
