//! What a run stores of its table: all that it takes to predict new rows.

use std::collections::BTreeMap;

use paramalloc_core::network::shape::Dims;
use serde::{Deserialize, Serialize};

use super::encode::Feature;
use super::image_options::ImageRecord;
use super::splits::{Rows, SPLITS};
use super::target::TargetInfo;

/// The format of a [`TableRecord`] that this crate writes, and the newest that it
/// reads.
///
/// Format 2 has images; without them 1 is written.
pub const TABLE_FORMAT: u32 = 2;

/// What was made of a table, `table.json` of a run: how its columns become the
/// network's input, what its tasks are, and which rows were for what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableRecord {
    /// The format, at most [`TABLE_FORMAT`].
    pub format: u32,
    /// The features, in the order of the network's input; none beside images.
    pub features: Vec<Feature>,
    /// The images that are learned from in place of features.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<ImageRecord>,
    /// The tasks, in order.
    pub targets: Vec<TargetInfo>,
    /// Columns that are neither.
    #[serde(default)]
    pub ignored: Vec<String>,
    /// Number of rows of the table.
    pub rows: usize,
    /// The rows of the splits `validation` and `test`, counted from 0; all others
    /// are for training.
    #[serde(default)]
    pub splits: BTreeMap<String, Vec<usize>>,
}

impl TableRecord {
    /// Shape of the network's input: that of the images, or the values of all
    /// features.
    pub fn input(&self) -> Dims {
        match &self.images {
            Some(images) => images.input,
            None => Dims::features(self.features.iter().map(Feature::width).sum()),
        }
    }

    /// The rows of each split, in order.
    pub(super) fn split_rows(&self) -> Rows {
        let mut is = vec![0; self.rows];
        for (split, name) in SPLITS.iter().enumerate().skip(1) {
            for &row in self.splits.get(*name).into_iter().flatten() {
                if let Some(is) = is.get_mut(row) {
                    *is = split;
                }
            }
        }
        let mut rows = Rows::default();
        for (row, split) in is.into_iter().enumerate() {
            rows[split].push(row);
        }
        rows
    }
}
