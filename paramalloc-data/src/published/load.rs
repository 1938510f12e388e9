//! Finding, downloading and reading the files of a data set.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::dataset::{PublishedDataset, PublishedFile};
use super::download::Downloader;
use super::locations::Locations;
use crate::error::{DataError, shown};
use crate::files::{LocalFile, entries, exists};
use crate::observer::Observer;

/// A data set that was found and read.
#[derive(Debug)]
pub struct Loaded<T> {
    /// What the parser made of the files.
    pub content: T,
    /// SHA-256 by `directory/name`.
    pub sums: BTreeMap<String, String>,
}

/// Finds the files of a data set in the first of `locations` that has any, or
/// downloads them to the cache directory, and parses them in published order.
///
/// Files in a directory that the user named are taken as they are: one that does
/// not parse is an error, one with another SHA-256 gives a warning. Files in
/// the cache directory must have the published SHA-256, else they are downloaded
/// anew. `observer` gets messages for the user.
pub fn load<T>(
    dataset: &PublishedDataset,
    locations: &Locations,
    downloader: &Downloader,
    parse: impl FnOnce(&[LocalFile]) -> Result<T, DataError>,
    observer: &mut dyn Observer,
) -> Result<Loaded<T>, DataError> {
    let (directory, files) =
        match locations.find(dataset, |directory| any_of(dataset, directory), observer)? {
            Some((directory, ())) => {
                let files = read_all(dataset, &directory)?;
                (directory, files)
            }
            None => read_cache(dataset, locations, downloader, observer)?,
        };
    let content = parse(&files)?;
    observer.message(&format!("{} from {}", dataset.name, shown(&directory)));
    warn_of_unpublished(dataset, &files, observer);
    Ok(Loaded {
        content,
        sums: sums(dataset, &files),
    })
}

/// SHA-256 by `directory/name` of files in published order.
pub(crate) fn sums(dataset: &PublishedDataset, files: &[LocalFile]) -> BTreeMap<String, String> {
    let names = dataset.files.iter().map(|file| file.name);
    names
        .zip(files)
        .map(|(name, file)| (format!("{}/{name}", dataset.directory), file.sha256.clone()))
        .collect()
}

/// Something if `directory` has any of the published files.
pub(crate) fn any_of(dataset: &PublishedDataset, directory: &Path) -> Option<()> {
    let mut files = dataset.files.iter();
    files
        .any(|file| find(file, directory).is_some())
        .then_some(())
}

/// The file in `directory`, under its published name or one that people give it
/// when they unpack it: `train-images.idx3-ubyte` for
/// `train-images-idx3-ubyte.gz`, in upper case too.
fn find(file: &PublishedFile, directory: &Path) -> Option<PathBuf> {
    let published = directory.join(file.name);
    if exists(&published) {
        return Some(published);
    }
    let entries = entries(directory).ok()?;
    let mut same = entries
        .into_iter()
        .filter(|(name, _)| plain(name) == plain(file.name));
    same.next().map(|(_, path)| path)
}

/// A name without what differs between packed and unpacked files.
fn plain(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let unpacked = name.strip_suffix(".gz").unwrap_or(&name);
    unpacked.replace(".idx", "-idx")
}

pub(crate) fn read_all(
    dataset: &PublishedDataset,
    directory: &Path,
) -> Result<Vec<LocalFile>, DataError> {
    let read = |file: &PublishedFile| match find(file, directory) {
        Some(path) => LocalFile::read(path),
        None => Err(DataError::Missing {
            dataset: dataset.name.to_owned(),
            path: directory.join(file.name),
        }),
    };
    dataset.files.iter().map(read).collect()
}

/// Reads the files in the cache directory and downloads what is not there or not
/// as published.
pub(crate) fn read_cache(
    dataset: &PublishedDataset,
    locations: &Locations,
    downloader: &Downloader,
    observer: &mut dyn Observer,
) -> Result<(PathBuf, Vec<LocalFile>), DataError> {
    let Some(cache) = &locations.cache else {
        return Err(DataError::NoCacheDirectory {
            dataset: dataset.name.to_owned(),
            searched: locations.searched(dataset),
        });
    };
    let directory = cache.join(dataset.directory);
    let mut files = Vec::new();
    for published in dataset.files {
        let path = directory.join(published.name);
        if exists(&path) {
            let file = LocalFile::read(path.clone())?;
            if file.sha256 == published.sha256 {
                files.push(file);
                continue;
            }
            observer.message(&format!(
                "{} is damaged (its SHA-256 is not the published one); downloading it again",
                shown(&path)
            ));
        } else {
            observer.message(&format!("downloading {}", shown(&path)));
        }
        let downloaded = downloader.download(dataset, published, &directory, observer);
        downloaded.map_err(|error| error.searched_in(locations.searched(dataset)))?;
        files.push(LocalFile::read(path)?);
    }
    Ok((directory, files))
}

/// A line to the user if a file is not the published one.
pub(crate) fn warn_of_unpublished(
    dataset: &PublishedDataset,
    files: &[LocalFile],
    observer: &mut dyn Observer,
) {
    let unpublished: Vec<String> = files
        .iter()
        .zip(dataset.files)
        .filter(|(file, published)| !published.is(&file.sha256))
        .map(|(file, _)| shown(&file.path))
        .collect();
    if !unpublished.is_empty() {
        observer.message(&format!(
            "warning: not the published files of {} (their SHA-256 differs), used as they are: {}",
            dataset.name,
            unpublished.join(", ")
        ));
    }
}
