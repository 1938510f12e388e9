//! A file of a run that grows by whole lines.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use paramalloc_core::summary::{FileContent, flushed};

use crate::error::Error;

/// A file that grows by whole lines, open at its end.
#[derive(Debug)]
pub struct GrowingFile {
    path: PathBuf,
    file: File,
    /// The whole lines.
    content: FileContent,
    crc: crc32fast::Hasher,
}

/// The first `len` bytes of a file, or all if it has less.
fn first_bytes(file: &File, len: u64) -> io::Result<(FileContent, crc32fast::Hasher)> {
    let mut crc = crc32fast::Hasher::new();
    let mut bytes = BufReader::new(file.take(len));
    let mut found = 0;
    let mut part = [0; 1 << 14];
    loop {
        match bytes.read(&mut part)? {
            0 => break,
            read => {
                crc.update(&part[..read]);
                found += read as u64;
            }
        }
    }
    let content = FileContent {
        bytes: found,
        crc32: crc.clone().finalize(),
    };
    Ok((content, crc))
}

/// The first `len` bytes of the file at `path`, or all if it has less.
///
/// # Errors
/// What the system says.
pub fn content_of_first(path: &Path, len: u64) -> io::Result<FileContent> {
    Ok(first_bytes(&File::open(path)?, len)?.0)
}

impl GrowingFile {
    /// Opens the file at `path`, made if need be, and cuts it to its first
    /// `len` bytes.
    ///
    /// # Errors
    /// [`Error::Save`] naming the file.
    pub fn open(path: &Path, len: u64) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let cut = options.open(path).and_then(|mut file| {
            file.set_len(len)?;
            let (content, crc) = first_bytes(&file, len)?;
            file.seek(SeekFrom::Start(len))?;
            Ok((file, content, crc))
        });
        let (file, content, crc) = cut.map_err(Error::save(path))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            content,
            crc,
        })
    }

    /// What the file holds once all of it is on the disk.
    ///
    /// # Errors
    /// [`Error::Save`] naming the file.
    pub fn flush(&self) -> Result<FileContent, Error> {
        let flushed = flushed(self.file.sync_data()).map(|()| self.content);
        flushed.map_err(Error::save(&self.path))
    }

    /// Appends a line, which ends in a line feed.
    ///
    /// # Errors
    /// [`Error::Save`] naming the file, which ends with the last whole line
    /// then.
    pub fn append(&mut self, line: &[u8]) -> Result<(), Error> {
        if let Err(error) = self.file.write_all(line) {
            // Best effort: the first error is the one to tell.
            let _ = self.file.set_len(self.content.bytes);
            let _ = self.file.seek(SeekFrom::Start(self.content.bytes));
            return Err(Error::save(&self.path)(error));
        }
        self.crc.update(line);
        self.content.bytes += line.len() as u64;
        self.content.crc32 = self.crc.clone().finalize();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_names_the_file() {
        let full = Path::new("/dev/full");
        let mut log = GrowingFile {
            path: full.to_owned(),
            file: File::options().write(true).open(full).unwrap(),
            content: FileContent::default(),
            crc: crc32fast::Hasher::new(),
        };
        let sentence = log.append(b"{}\n").unwrap_err().to_string();
        assert!(
            sentence.starts_with("cannot write /dev/full: "),
            "{sentence}"
        );
        assert!(sentence.ends_with("; make room, then resume the run"));
        let error = io::Error::from(io::ErrorKind::StorageFull);
        let other = Error::io("write", full)(error).to_string();
        assert!(other.ends_with("; make room"), "{other}");
    }
}
