//! Which data an experiment reads.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use paramalloc_core::data::Examples;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::error::DataError;

/// Which data an experiment reads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DataOptions {
    /// Directory with the data sets, each in its subdirectory, `mnist` for example.
    /// Looked into before $PARAMALLOC_DATA and the user's cache directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    /// The published data or generated ones.
    pub data: DataChoice,
    /// Train each task on its first so many examples only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_examples: Option<NonZeroUsize>,
    /// Test, and validate, each task on its first so many examples only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_examples: Option<NonZeroUsize>,
    /// Share of the training examples for validation, 0 to 0.9, where a task has no
    /// such split: [`part_validation`](crate::part_validation) takes it.
    pub validation_share: f64,
    /// Seed of the random choice of these.
    pub split_seed: u64,
}

/// The published data or generated ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DataChoice {
    /// The published data, downloaded if need be; without network generated
    /// ones.
    #[default]
    Auto,
    /// The published data, or an error.
    Real,
    /// Data that the program generates; nothing is looked for.
    #[serde(alias = "drawn")]
    Generated,
}

impl DataChoice {
    /// Every choice with its name, which [`FromStr`] reads.
    pub const NAMES: [(&'static str, Self); 3] = [
        ("auto", Self::Auto),
        ("real", Self::Real),
        ("generated", Self::Generated),
    ];

    /// The name of [`Self::Generated`] in version 0.1, which is read too.
    pub const OLD_NAME: &'static str = "drawn";
}

/// Reads one of [`DataChoice::NAMES`].
impl FromStr for DataChoice {
    type Err = UnknownDataChoice;

    fn from_str(name: &str) -> Result<Self, UnknownDataChoice> {
        if name == Self::OLD_NAME {
            return Ok(Self::Generated);
        }
        let found = Self::NAMES.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, choice)| choice).ok_or(UnknownDataChoice {
            name: name.to_owned(),
        })
    }
}

/// A name that no [`DataChoice`] has.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no data choice `{name}`; it is `auto`, `real` or `generated`")]
pub struct UnknownDataChoice {
    /// The name.
    pub name: String,
}

impl DataOptions {
    /// Sets the directory with the data sets.
    #[must_use]
    pub fn data_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.data_dir = Some(path.into());
        self
    }

    /// Chooses the published data or generated ones.
    #[must_use]
    pub fn data(mut self, data: DataChoice) -> Self {
        self.data = data;
        self
    }

    /// Trains each task on its first `examples` only.
    #[must_use]
    pub fn train_examples(mut self, examples: NonZeroUsize) -> Self {
        self.train_examples = Some(examples);
        self
    }

    /// Tests, and validates, each task on its first `examples` only.
    #[must_use]
    pub fn test_examples(mut self, examples: NonZeroUsize) -> Self {
        self.test_examples = Some(examples);
        self
    }

    /// Sets the share of the training examples for validation, 0 to 0.9.
    #[must_use]
    pub fn validation_share(mut self, share: f64) -> Self {
        self.validation_share = share;
        self
    }

    /// Sets the seed of the choice of the validation examples.
    #[must_use]
    pub fn split_seed(mut self, seed: u64) -> Self {
        self.split_seed = seed;
        self
    }

    /// The directory with data that is nowhere else.
    ///
    /// # Errors
    /// [`DataError::NoDataDirectory`] if the user named none.
    pub fn directory(&self) -> Result<&Path, DataError> {
        self.data_dir.as_deref().ok_or(DataError::NoDataDirectory)
    }

    /// The most examples of a task's `split` that are used.
    pub(super) fn limit(&self, split: &str) -> Option<NonZeroUsize> {
        match split {
            "train" => self.train_examples,
            _ => self.test_examples,
        }
    }

    /// Those of the examples of a task's `split` that are used.
    pub(super) fn limited(&self, split: &str, examples: Examples) -> Examples {
        match self.limit(split) {
            Some(limit) => examples.first(limit.get()),
            None => examples,
        }
    }

    /// ` (first 1000 train, 500 test)`, or nothing where no limit takes
    /// effect. `sizes` has the splits with the size of the largest task.
    pub(super) fn note_of_limits(&self, sizes: &[(&str, usize)]) -> String {
        let parts: Vec<String> = sizes
            .iter()
            .filter_map(|&(split, size)| {
                let limit = self.limit(split).filter(|limit| limit.get() < size)?;
                Some(format!("{limit} {split}"))
            })
            .collect();
        if parts.is_empty() {
            return String::new();
        }
        format!(" (first {})", parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_data_go_by_their_old_name_too() {
        for word in ["generated", "drawn"] {
            let stored = serde_json::from_value(word.into());
            assert_eq!(stored.ok(), Some(DataChoice::Generated));
            assert_eq!(word.parse(), Ok(DataChoice::Generated));
        }
        assert!("Auto".parse::<DataChoice>().is_err());
        let written = serde_json::to_value(DataChoice::Generated).ok();
        assert_eq!(written, Some("generated".into()));
    }
}
