//! The two files of CIFAR-100, unpacked or in an archive.

use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;
use tar::Archive;

use crate::error::{ContentProblem, DataError};
use crate::files::{LocalFile, exists, open};
use crate::observer::Observer;
use crate::published::PublishedDataset;

/// The directory with the files, inside of the archive too.
const INSIDE: &str = "cifar-100-binary";

/// The files with images to train on and to test on, and the SHA-256 of those
/// in the published archive.
const FILES: [(&str, &str); 2] = [
    (
        "train.bin",
        "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29",
    ),
    (
        "test.bin",
        "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a",
    ),
];

/// The most bytes that one of the files, and a whole unpacked archive, may have;
/// the published ones have 154 and 185 million.
const MAX_FILE: u64 = 256 << 20;
const MAX_ARCHIVE: u64 = 1 << 30;

/// The most bytes of a name that has an entry of its own in a tar archive.
const MAX_NAME: u64 = 4096;

/// The most memory that unpacking xz may take, in KiB.
const MAX_XZ_MEMORY: u32 = 256 << 10;

/// How a directory holds the data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// `cifar-100-binary/train.bin` and `test.bin`.
    Unpacked,
    /// `train.bin` and `test.bin` themselves.
    Flat,
    /// `cifar-100-binary.tar.gz`, as published.
    Gzip,
    /// `cifar-100-binary.tar.xz`.
    Xz,
}

impl Layout {
    fn archive(self, directory: &Path) -> PathBuf {
        directory.join(match self {
            Self::Flat => FILES[0].0,
            Self::Unpacked => INSIDE,
            Self::Gzip => "cifar-100-binary.tar.gz",
            Self::Xz => "cifar-100-binary.tar.xz",
        })
    }

    /// The layout in `directory`, the quickest to read if there are several.
    pub fn find(directory: &Path) -> Option<Self> {
        let is_there = |layout: &Self| exists(&layout.archive(directory));
        [Self::Unpacked, Self::Flat, Self::Gzip, Self::Xz]
            .into_iter()
            .find(is_there)
    }
}

/// The files with images to train on and to test on.
pub(super) fn unpack(
    dataset: &PublishedDataset,
    directory: &Path,
    layout: Layout,
) -> Result<[LocalFile; 2], DataError> {
    let place = layout.archive(directory);
    let missing = |path| DataError::Missing {
        dataset: dataset.name.to_owned(),
        path,
    };
    let found = match layout {
        Layout::Unpacked | Layout::Flat => {
            let place = match layout {
                Layout::Flat => directory,
                _ => &place,
            };
            let read = |name: &str| {
                let path = place.join(name);
                if !exists(&path) {
                    return Err(missing(path));
                }
                LocalFile::read(path)
            };
            return Ok([read(FILES[0].0)?, read(FILES[1].0)?]);
        }
        Layout::Gzip => untar(&place, MultiGzDecoder::new(BufReader::new(open(&place)?))),
        Layout::Xz => {
            let file = BufReader::new(open(&place)?);
            untar(&place, XzReader::new_mem_limit(file, true, MAX_XZ_MEMORY))
        }
    };
    let [train, test] = found?;
    let file = |bytes: Option<Vec<u8>>, name: &str| {
        let path = place.join(INSIDE).join(name);
        let Some(bytes) = bytes else {
            return Err(DataError::content(
                &place,
                ContentProblem::NoEntry {
                    entry: format!("{INSIDE}/{name}"),
                },
            ));
        };
        Ok(LocalFile::new(path, bytes))
    };
    Ok([file(train, FILES[0].0)?, file(test, FILES[1].0)?])
}

/// The content of [`FILES`] in the tar archive at `path`, which is read to its
/// end so that the checksum there is verified.
fn untar(path: &Path, reader: impl Read) -> Result<[Option<Vec<u8>>; 2], DataError> {
    let broken = |source: io::Error| DataError::broken(path, "archive", source);
    let mut found = [None, None];
    // One byte more tells what is too large from what just fits.
    let mut archive = Archive::new(reader.take(MAX_ARCHIVE + 1));
    let too_large = |path, content, bytes, limit| DataError::TooLarge {
        path,
        content,
        bytes,
        limit,
    };
    // Names with an entry of their own are read here: the archive would take any
    // amount of memory for one.
    let mut long_name = None;
    for entry in archive.entries().map_err(broken)?.raw(true) {
        let mut entry = entry.map_err(broken)?;
        let kind = entry.header().entry_type();
        if kind.is_pax_local_extensions() || kind.is_pax_global_extensions() {
            continue;
        }
        if kind.is_gnu_longname() {
            if entry.size() > MAX_NAME {
                let path = path.to_owned();
                return Err(too_large(path, "names", entry.size(), MAX_NAME));
            }
            let mut name = String::new();
            entry.read_to_string(&mut name).map_err(broken)?;
            long_name = Some(PathBuf::from(name.trim_end_matches('\0')));
            continue;
        }
        let name = match long_name.take() {
            Some(name) => name,
            None => entry.path().map_err(broken)?.into_owned(),
        };
        let is_wanted = |(file, _): &(&str, &str)| name.ends_with(Path::new(INSIDE).join(file));
        let Some(wanted) = FILES.iter().position(is_wanted) else {
            continue;
        };
        if entry.size() > MAX_FILE {
            let path = path.join(name);
            return Err(too_large(path, "records", entry.size(), MAX_FILE));
        }
        let mut bytes = Vec::new();
        entry
            .take(MAX_FILE)
            .read_to_end(&mut bytes)
            .map_err(broken)?;
        found[wanted] = Some(bytes);
    }
    let mut rest = archive.into_inner();
    io::copy(&mut rest, &mut io::sink()).map_err(broken)?;
    match rest.limit() {
        0 => {
            let path = path.to_owned();
            Err(too_large(path, "files", MAX_ARCHIVE + 1, MAX_ARCHIVE))
        }
        _ => Ok(found),
    }
}

/// A line to the user if a file is not the published one.
pub(super) fn warn_of_unpublished(
    dataset: &PublishedDataset,
    files: &[LocalFile; 2],
    observer: &mut dyn Observer,
) {
    for (file, (_, sha256)) in files.iter().zip(FILES) {
        if file.sha256 != sha256 {
            observer.message(&format!(
                "warning: not the published file of {} (its SHA-256 differs), used as it is: {}",
                dataset.name,
                file.path.display()
            ));
        }
    }
}
