//! `metrics.jsonl`: what is summed up between two lines, and the file.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use paramalloc_core::summary::Metric;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The open `metrics.jsonl` of a run.
#[derive(Debug)]
pub struct MetricsLog {
    path: PathBuf,
    file: File,
    /// The whole lines.
    written: Written,
    crc: crc32fast::Hasher,
}

/// The first bytes of the file: how many, and their CRC-32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Bytes.
    pub len: u64,
    /// CRC-32 of them.
    pub crc: u32,
}

/// The first `len` bytes of a file, or all if it has less.
fn first_bytes(file: &File, len: u64) -> io::Result<(Written, crc32fast::Hasher)> {
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
    let written = Written {
        len: found,
        crc: crc.clone().finalize(),
    };
    Ok((written, crc))
}

impl Written {
    /// Of the first `len` bytes of the file at `path`, or all if it has less.
    ///
    /// # Errors
    /// What the system says.
    pub fn of_first(path: &Path, len: u64) -> io::Result<Self> {
        Ok(first_bytes(&File::open(path)?, len)?.0)
    }
}

impl MetricsLog {
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
            let (written, crc) = first_bytes(&file, len)?;
            file.seek(SeekFrom::Start(len))?;
            Ok((file, written, crc))
        });
        let (file, written, crc) = cut.map_err(Error::save(path))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            written,
            crc,
        })
    }

    /// What the file holds once all of it is on the disk.
    ///
    /// # Errors
    /// [`Error::Save`] naming the file.
    pub fn flush(&self) -> Result<Written, Error> {
        let flushed = self.file.sync_data().map(|()| self.written);
        flushed.map_err(Error::save(&self.path))
    }

    /// Appends a line.
    ///
    /// # Errors
    /// [`Error::Save`] naming the file, which ends with the last whole line then.
    pub fn append(&mut self, metric: &Metric) -> Result<(), Error> {
        let mut line =
            serde_json::to_vec(metric).map_err(Error::json("a line of metrics.jsonl"))?;
        line.push(b'\n');
        if let Err(error) = self.file.write_all(&line) {
            // Best effort: the first error is the one to tell.
            let _ = self.file.set_len(self.written.len);
            let _ = self.file.seek(SeekFrom::Start(self.written.len));
            return Err(Error::save(&self.path)(error));
        }
        self.crc.update(&line);
        self.written.len += line.len() as u64;
        self.written.crc = self.crc.clone().finalize();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_names_the_file() {
        let full = Path::new("/dev/full");
        let mut log = MetricsLog {
            path: full.to_owned(),
            file: File::options().write(true).open(full).unwrap(),
            written: Written::default(),
            crc: crc32fast::Hasher::new(),
        };
        let line = Metric::Evaluation(paramalloc_core::summary::EvaluationMetric {
            global_step: 1,
            results: BTreeMap::new(),
        });
        let error = log.append(&line).unwrap_err();
        let sentence = error.to_string();
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
