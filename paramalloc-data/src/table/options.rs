//! What is to be made of a table.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::image_options::ImageOptions;
use crate::error::{DataError, OptionRange};

/// What is to be made of a table: which columns are predicted from which, and
/// which rows are for training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TableOptions {
    /// The file: `.csv`, `.tsv` or `.npz`.
    pub path: PathBuf,
    /// Names of the columns to predict, a task each. If none is named: of a `.npz`
    /// file all of its array `y`, beside images all columns but those that are
    /// ignored or for something else.
    #[serde(default)]
    pub targets: Vec<String>,
    /// Names of the columns to learn from; all others if none is named.
    #[serde(default)]
    pub features: Vec<String>,
    /// Names of columns that are neither.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// What targets are, where their values do not say it right.
    #[serde(default)]
    pub kinds: BTreeMap<String, TargetColumn>,
    /// Name of the column that says what each row counts in the loss and in
    /// metrics, at least 0; all the same without.
    #[serde(default)]
    pub row_weights: Option<String>,
    /// What takes the place of missing features; refused without.
    #[serde(default)]
    pub impute: Option<Impute>,
    /// A text feature may have so many different texts, 1 to 10,000: each is a
    /// column of the network's input.
    pub max_categories: usize,
    /// Standardized features are clipped at so many deviations, above 0; not at
    /// all without.
    #[serde(default)]
    pub clip: Option<f64>,
    /// Images that a column names are learned from, in place of columns.
    #[serde(default)]
    pub images: Option<ImageOptions>,
    /// Which rows are for what.
    pub split: SplitOptions,
}

/// What a target column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetColumn {
    /// 0 or 1.
    Label,
    /// One of several classes, numbers or texts.
    Classes,
    /// A number to predict.
    Value,
}

/// What takes the place of a missing feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Impute {
    /// The mean of the training rows.
    Mean,
    /// Their median.
    Median,
}

/// Which rows are for training, validation and test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SplitOptions {
    /// How rows are split.
    pub by: SplitBy,
    /// Share of the rows for validation, 0 to below 1.
    pub validation_share: f64,
    /// Share of the rows for test, 0 to below 1.
    pub test_share: f64,
    /// Seed of the random choice; that of the run has no part in it, so that
    /// runs with several seeds are compared on the same rows.
    pub seed: u64,
}

/// How rows are split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SplitBy {
    /// At random.
    Random,
    /// At random within the rows of each class, the rarest class that a row has.
    Stratified,
    /// At random, all rows with the same value in this column in one split.
    Group(String),
    /// This column says `train`, `validation` or `test`.
    Column(String),
}

impl TableOptions {
    /// The table at `path` as it is read if nothing else is said: a tenth of
    /// the rows for validation and a tenth for test, at random; standardized
    /// features clipped at six deviations; at most 32 different texts in a
    /// text feature.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            targets: Vec::new(),
            features: Vec::new(),
            ignore: Vec::new(),
            kinds: BTreeMap::new(),
            row_weights: None,
            impute: None,
            max_categories: 32,
            clip: Some(6.0),
            images: None,
            split: SplitOptions::default(),
        }
    }

    /// Sets the columns to predict.
    #[must_use]
    pub fn targets<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.targets = names.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the columns that are neither predicted nor learned from.
    #[must_use]
    pub fn ignore<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.ignore = names.into_iter().map(Into::into).collect();
        self
    }

    /// Learns from images that a column names.
    #[must_use]
    pub fn images(mut self, images: ImageOptions) -> Self {
        self.images = Some(images);
        self
    }

    /// Refuses what is out of its range.
    pub(crate) fn check(&self) -> Result<(), DataError> {
        self.images.as_ref().map_or(Ok(()), ImageOptions::check)?;
        let share = OptionRange::Within(0.0, 0.9);
        DataError::check_option("validation share", self.split.validation_share, share)?;
        DataError::check_option("test share", self.split.test_share, share)?;
        let both = self.split.validation_share + self.split.test_share;
        DataError::check_option("sum of the validation and the test share", both, share)?;
        let categories = OptionRange::Within(1.0, 10_000.0);
        DataError::check_option(
            "limit of categories",
            self.max_categories as f64,
            categories,
        )?;
        match self.clip {
            Some(clip) => DataError::check_option("clip", clip, OptionRange::Between(0.0, 1e30)),
            None => Ok(()),
        }
    }
}

impl Default for SplitOptions {
    fn default() -> Self {
        Self {
            by: SplitBy::Random,
            validation_share: 0.1,
            test_share: 0.1,
            seed: 0,
        }
    }
}

/// Reads `label`, `classes` or `value`.
impl FromStr for TargetColumn {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        match name {
            "label" => Ok(Self::Label),
            "classes" => Ok(Self::Classes),
            "value" => Ok(Self::Value),
            _ => Err(UnknownKind {
                name: name.to_owned(),
            }),
        }
    }
}

/// A name that no [`TargetColumn`] has.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{name}` is no kind of target; it is `label`, `classes` or `value`")]
pub struct UnknownKind {
    /// The name.
    pub name: String,
}
