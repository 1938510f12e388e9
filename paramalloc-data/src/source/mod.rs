//! Where the files of a data set are looked for, downloaded and verified,
//! whatever their format.

mod download;
mod part;
mod places;
#[cfg(test)]
pub(super) mod test_server;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{DataError, Observer};
pub use crate::files::LocalFile;
pub(crate) use crate::files::{hex, sha256_hex};
pub use download::Downloader;
pub use places::{ENVIRONMENT, Places};

/// A data set as published.
#[derive(Clone, Copy, Debug)]
pub struct Dataset<'a> {
    /// Name shown to people, `MNIST` for example.
    pub name: &'a str,
    /// Its subfolder in a folder of data sets.
    pub folder: &'a str,
    /// Its files.
    pub files: &'a [PublishedFile<'a>],
    /// Addresses to which a file name is appended, tried in order.
    pub mirrors: &'a [&'a str],
}

/// One file of a data set.
#[derive(Clone, Copy, Debug)]
pub struct PublishedFile<'a> {
    /// File name, without folder.
    pub name: &'a str,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: &'a str,
}

/// A data set that was found and read.
#[derive(Debug)]
pub struct Loaded<T> {
    /// What the parser made of the files.
    pub content: T,
    /// SHA-256 by `folder/name`.
    pub sums: BTreeMap<String, String>,
}

/// Finds the files of a data set in the first of `places` that has any, or
/// downloads them to the cache folder, and parses them in published order.
///
/// Files in a folder that the user named are taken as they are: one that does
/// not parse is an error, one with another SHA-256 gives a warning. Files in
/// the cache folder must have the published SHA-256, else they are downloaded
/// anew. `observer` gets messages for the user.
pub fn load<T>(
    dataset: &Dataset,
    places: &Places,
    downloader: &Downloader,
    parse: impl FnOnce(&[LocalFile]) -> Result<T, DataError>,
    observer: &mut dyn Observer,
) -> Result<Loaded<T>, DataError> {
    let (folder, files) = match places.find(dataset, |folder| any_of(dataset, folder), observer)? {
        Some((folder, ())) => {
            let files = read_all(dataset, &folder)?;
            (folder, files)
        }
        None => read_cache(dataset, places, downloader, observer)?,
    };
    let content = parse(&files)?;
    observer.message(&format!("{} from {}", dataset.name, folder.display()));
    warn_of_unpublished(dataset, &files, observer);
    Ok(Loaded {
        content,
        sums: sums(dataset, &files),
    })
}

/// SHA-256 by `folder/name` of files in published order.
pub(super) fn sums(dataset: &Dataset, files: &[LocalFile]) -> BTreeMap<String, String> {
    let names = dataset.files.iter().map(|file| file.name);
    names
        .zip(files)
        .map(|(name, file)| (format!("{}/{name}", dataset.folder), file.sha256.clone()))
        .collect()
}

/// Something if `folder` has any of the published files.
pub(super) fn any_of(dataset: &Dataset, folder: &Path) -> Option<()> {
    let mut names = dataset.files.iter().map(|file| file.name);
    names.any(|name| folder.join(name).exists()).then_some(())
}

pub(super) fn read_all(dataset: &Dataset, folder: &Path) -> Result<Vec<LocalFile>, DataError> {
    let read = |file: &PublishedFile| {
        let path = folder.join(file.name);
        if !path.exists() {
            return Err(DataError::Missing {
                dataset: dataset.name.to_owned(),
                path,
            });
        }
        LocalFile::read(path)
    };
    dataset.files.iter().map(read).collect()
}

/// Reads the files in the cache folder and downloads what is not there or not
/// as published.
pub(super) fn read_cache(
    dataset: &Dataset,
    places: &Places,
    downloader: &Downloader,
    observer: &mut dyn Observer,
) -> Result<(PathBuf, Vec<LocalFile>), DataError> {
    let Some(cache) = &places.cache else {
        return Err(DataError::NoCacheFolder {
            dataset: dataset.name.to_owned(),
        });
    };
    let folder = cache.join(dataset.folder);
    let mut files = Vec::new();
    for published in dataset.files {
        let path = folder.join(published.name);
        if path.exists() {
            let file = LocalFile::read(path.clone())?;
            if file.sha256 == published.sha256 {
                files.push(file);
                continue;
            }
            observer.message(&format!(
                "{} is damaged (its SHA-256 is not the published one); downloading it again",
                path.display()
            ));
        } else {
            observer.message(&format!("downloading {}", path.display()));
        }
        downloader.download(dataset, published, &folder, observer)?;
        files.push(LocalFile::read(path)?);
    }
    Ok((folder, files))
}

/// A line to the user if a file is not the published one.
pub(super) fn warn_of_unpublished(
    dataset: &Dataset,
    files: &[LocalFile],
    observer: &mut dyn Observer,
) {
    let unpublished: Vec<String> = files
        .iter()
        .zip(dataset.files)
        .filter(|(file, published)| file.sha256 != published.sha256)
        .map(|(file, _)| file.path.display().to_string())
        .collect();
    if !unpublished.is_empty() {
        observer.message(&format!(
            "warning: not the published files of {} (their SHA-256 differs), used as they are: {}",
            dataset.name,
            unpublished.join(", ")
        ));
    }
}

#[cfg(test)]
pub(super) mod tests;
