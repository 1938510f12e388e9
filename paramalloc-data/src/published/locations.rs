//! The directories in which data sets are looked for.

use std::env;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::dataset::PublishedDataset;
use crate::error::{DataError, shown};
use crate::files::entries;
use crate::observer::Observer;
use paramalloc_core::text::escaped;

/// Environment variable with a directory of data sets.
pub const ENVIRONMENT: &str = "PARAMALLOC_DATA";

/// Directories of data sets, in the order in which they are looked into.
#[derive(Clone, Debug, Default)]
pub struct Locations {
    /// What `--data-dir` gave.
    pub data_dir: Option<PathBuf>,
    /// What `$PARAMALLOC_DATA` gives.
    pub environment: Option<PathBuf>,
    /// The program's own directory, to which data sets are downloaded.
    pub cache: Option<PathBuf>,
}

impl Locations {
    /// The locations of this user, `data_dir` being what `--data-dir` gave.
    pub fn new(data_dir: Option<&Path>) -> Self {
        Self {
            data_dir: data_dir.map(Path::to_owned),
            environment: env::var_os(ENVIRONMENT)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from),
            cache: etcetera::choose_base_strategy()
                .ok()
                .map(|user| user.cache_dir().join("paramalloc")),
        }
    }

    /// The data set's directory in the first directory named by the user for which
    /// `holds` gives something, and that.
    pub(crate) fn find<K>(
        &self,
        dataset: &PublishedDataset,
        holds: impl Fn(&Path) -> Option<K>,
        observer: &mut dyn Observer,
    ) -> Result<Option<(PathBuf, K)>, DataError> {
        if let Some(path) = self.data_dir.clone().filter(|path| !path.is_dir()) {
            return Err(DataError::NotADirectory { path });
        }
        let named = [
            (self.data_dir.as_ref(), "--data-dir"),
            (self.environment.as_ref(), "$PARAMALLOC_DATA"),
        ];
        for (place, origin) in named {
            let Some(place) = place else { continue };
            let directory = place.join(dataset.directory);
            if let Some(found) = holds(&directory) {
                return Ok(Some((directory, found)));
            }
            observer.message(&format!(
                "{} is not in {} ({origin}){}",
                dataset.name,
                shown(&directory),
                others(dataset, &directory)
            ));
        }
        Ok(None)
    }

    /// The data set's directories in those that the user named.
    pub(crate) fn searched(&self, dataset: &PublishedDataset) -> Vec<PathBuf> {
        let named = [&self.data_dir, &self.environment].into_iter().flatten();
        named.map(|named| named.join(dataset.directory)).collect()
    }
}

/// So many names of entries are told.
const SHOWN_NAMES: usize = 4;

/// What a directory holds in place of the data set, as the end of a sentence: it
/// may be the data set under other names.
fn others(dataset: &PublishedDataset, directory: &Path) -> String {
    let entries = entries(directory).unwrap_or_default();
    if entries.is_empty() {
        return String::new();
    }
    let names = entries.iter().take(SHOWN_NAMES);
    let mut names: Vec<_> = names.map(|(name, _)| escaped(name)).collect();
    if entries.len() > names.len() {
        names.push("..".into());
    }
    let wanted: Vec<&str> = dataset.files.iter().map(|file| file.name).collect();
    format!(
        "; that holds {}, but none of {}",
        names.join(", "),
        wanted.join(", ")
    )
}
