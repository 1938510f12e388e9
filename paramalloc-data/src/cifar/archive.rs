//! The two files of CIFAR-100, unpacked or in an archive.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::GzDecoder;
use lzma_rust2::XzReader;
use tar::Archive;

use crate::error::{ContentProblem, DataError};
use crate::files::{LocalFile, sha256_hex};
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
        let is_there = |layout: &Self| layout.archive(directory).exists();
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
    let open = || {
        File::open(&place).map_err(|source| DataError::Read {
            path: place.clone(),
            source,
        })
    };
    let found = match layout {
        Layout::Unpacked | Layout::Flat => {
            let place = match layout {
                Layout::Flat => directory,
                _ => &place,
            };
            let read = |name: &str| {
                let path = place.join(name);
                if !path.exists() {
                    return Err(missing(path));
                }
                LocalFile::read(path)
            };
            return Ok([read(FILES[0].0)?, read(FILES[1].0)?]);
        }
        Layout::Gzip => untar(GzDecoder::new(BufReader::new(open()?))),
        Layout::Xz => untar(XzReader::new(BufReader::new(open()?), true)),
    };
    let found = found.map_err(|problem| DataError::broken(&place, "archive", problem))?;
    let [train, test] = found;
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
        Ok(LocalFile {
            sha256: sha256_hex(&bytes),
            path,
            bytes,
        })
    };
    Ok([file(train, FILES[0].0)?, file(test, FILES[1].0)?])
}

/// The content of [`FILES`] in a tar archive, which is read to its end so
/// that the checksum there is verified.
fn untar(reader: impl Read) -> std::io::Result<[Option<Vec<u8>>; 2]> {
    let mut found = [None, None];
    let mut archive = Archive::new(reader);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let wanted = FILES
            .iter()
            .position(|(name, _)| path.ends_with(Path::new(INSIDE).join(name)));
        if let Some(wanted) = wanted {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            found[wanted] = Some(bytes);
        }
    }
    std::io::copy(&mut archive.into_inner(), &mut std::io::sink())?;
    Ok(found)
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
