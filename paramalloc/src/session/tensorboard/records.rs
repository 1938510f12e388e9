//! A file of records, as TensorFlow writes them: length, checksum, bytes,
//! checksum, all little-endian.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use prost::Message;

use super::messages::Event;
use crate::error::Error;

/// Longest record that is read back; those of other programs are left alone.
const LONGEST: u64 = 1 << 26;

/// A file of events that grows by whole records.
#[derive(Debug)]
pub struct EventFile {
    path: PathBuf,
    file: File,
    len: u64,
}

impl EventFile {
    /// Opens the file at `path`, made if need be, and cuts off what comes after
    /// the last event for which `keep` is true, if there is one, else all of
    /// it. Says whether anything is left.
    ///
    /// # Errors
    /// [`Error::Save`] naming the file.
    pub fn open(path: &Path, keep: impl Fn(&Event) -> bool) -> Result<(Self, bool), Error> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let opened = options.open(path).and_then(|mut file| {
            let len = kept(&file, keep)?;
            file.set_len(len)?;
            file.seek(SeekFrom::Start(len))?;
            Ok((file, len))
        });
        let (file, len) = opened.map_err(Error::save(path))?;
        let path = path.to_owned();
        Ok((Self { path, file, len }, len > 0))
    }

    /// Appends an event. All of it is in the file afterwards, or none.
    ///
    /// # Errors
    /// [`Error::Save`] naming the file.
    pub fn append(&mut self, event: &Event) -> Result<(), Error> {
        let record = record(&event.encode_to_vec());
        if let Err(error) = self.file.write_all(&record) {
            // Best effort: the first error is the one to tell.
            let _ = self.file.set_len(self.len);
            let _ = self.file.seek(SeekFrom::Start(self.len));
            return Err(Error::save(&self.path)(error));
        }
        self.len += record.len() as u64;
        Ok(())
    }
}

/// Where the last event for which `keep` is true ends, 0 without any. Reading
/// ends where a record is broken, as after a kill.
fn kept(file: &File, keep: impl Fn(&Event) -> bool) -> io::Result<u64> {
    let (mut reader, mut end, mut kept) = (BufReader::new(file), 0, 0);
    while let Some(bytes) = read(&mut reader)? {
        let Ok(event) = Event::decode(bytes.as_slice()) else {
            break;
        };
        end += bytes.len() as u64 + FRAME;
        if keep(&event) {
            kept = end;
        }
    }
    Ok(kept)
}

/// Bytes of a record beside its content.
const FRAME: u64 = 16;

fn record(content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u64).to_le_bytes();
    let parts = [
        length.as_slice(),
        &masked(&length).to_le_bytes(),
        content,
        &masked(content).to_le_bytes(),
    ];
    parts.concat()
}

/// The content of the next record, if it is whole.
fn read(reader: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let Some(length) = exactly(reader, 8)? else {
        return Ok(None);
    };
    let sum = exactly(reader, 4)?;
    let Ok(bytes) = <[u8; 8]>::try_from(length.as_slice()) else {
        return Ok(None);
    };
    let count = u64::from_le_bytes(bytes);
    if sum.as_deref() != Some(&masked(&length).to_le_bytes()) || count > LONGEST {
        return Ok(None);
    }
    let content = exactly(reader, count)?;
    let sum = exactly(reader, 4)?;
    let whole = |content: &Vec<u8>| sum.as_deref() == Some(&masked(content).to_le_bytes());
    Ok(content.filter(whole))
}

/// So many bytes, if there are as many.
fn exactly(reader: &mut impl Read, count: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    reader.take(count).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 == count).then_some(bytes))
}

/// The checksum of a record: CRC-32C, rotated, with a number added.
fn masked(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes)
        .rotate_right(15)
        .wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(step: i64) -> Event {
        Event {
            step,
            ..Event::default()
        }
    }

    #[test]
    fn the_checksum_is_that_of_tensorflow() {
        // The length 24 and its checksum, from a file that TensorFlow wrote.
        let length = [0x18, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(masked(&length).to_le_bytes(), [0xa3, 0x7f, 0x4b, 0x22]);
    }

    #[test]
    fn what_comes_after_a_mark_and_torn_records_are_cut_off() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("events");
        let (mut file, is_old) = EventFile::open(&path, |_| true).unwrap();
        assert!(!is_old);
        for step in 1..=4 {
            file.append(&event(step)).unwrap();
        }
        let three = std::fs::read(&path).unwrap();
        let (_, is_old) = EventFile::open(&path, |event| event.step == 3).unwrap();
        assert!(is_old);
        let cut = std::fs::read(&path).unwrap();
        assert!(cut.len() < three.len() && three.starts_with(&cut));

        std::fs::write(&path, &three[..three.len() - 3]).unwrap();
        EventFile::open(&path, |_| true).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), cut);

        let mut broken = three.clone();
        broken[FRAME as usize + 3] ^= 1;
        std::fs::write(&path, broken).unwrap();
        let (mut file, _) = EventFile::open(&path, |_| true).unwrap();
        file.append(&event(9)).unwrap();
        let (_, is_old) = EventFile::open(&path, |event| event.step == 9).unwrap();
        assert!(is_old);
    }
}
