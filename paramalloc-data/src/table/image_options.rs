//! What is to be made of the images that a table names, and what was made of them.

use std::path::PathBuf;

use paramalloc_core::network::shape::Dims;
use serde::{Deserialize, Serialize};

use crate::error::{ContentProblem, DataError, OptionRange};
use crate::normalization::Normalization;

/// The most rows and columns that images are made to.
const MAX_SIZE: f64 = 4096.0;

/// Images as the inputs of a table: files that one of its columns names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ImageOptions {
    /// The directory that the names are relative to.
    pub directory: PathBuf,
    /// Name of the column with the files' names.
    pub column: String,
    /// Rows and columns that images are made to, 1 to 4096; without, those of the
    /// first one, reduced to at most 64.
    #[serde(default)]
    pub size: Option<[usize; 2]>,
    /// 1 for gray, 3 for red, green and blue; without, as the first image has.
    #[serde(default)]
    pub channels: Option<usize>,
}

impl ImageOptions {
    /// The images in `directory` that the column `column` names, of the size and
    /// color of the first one.
    pub fn new(directory: impl Into<PathBuf>, column: impl Into<String>) -> Self {
        Self {
            directory: directory.into(),
            column: column.into(),
            size: None,
            channels: None,
        }
    }

    /// Refuses what is out of its range.
    pub(crate) fn check(&self) -> Result<(), DataError> {
        let [rows, columns] = self.size.unwrap_or([1; 2]);
        for size in [rows, columns] {
            let range = OptionRange::Within(1.0, MAX_SIZE);
            DataError::check_option("image size", size as f64, range)?;
        }
        match self.channels {
            None | Some(1 | 3) => Ok(()),
            Some(channels) => {
                let input = Dims::image(channels, rows, columns);
                let problem = ContentProblem::NoImageInput { input };
                Err(DataError::content(&self.directory, problem))
            }
        }
    }
}

/// How the images of a run on a table become its inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ImageRecord {
    /// Name of the column with the files' names.
    pub column: String,
    /// Channels, rows and columns.
    pub input: Dims,
    /// Mean and deviation of each channel over the images of the training rows, which
    /// are 0 to 1.
    #[serde(flatten)]
    pub normalization: Normalization,
}

impl ImageRecord {
    /// Makes `(value - mean) / deviation` of the values of images, which are 0 to 1,
    /// one image after the other.
    pub(crate) fn standardize(&self, values: &mut [f32]) {
        self.normalization.normalize(self.input, values);
    }

    /// Of images as bytes, of which those in `rows` are for training.
    pub(crate) fn fit(column: &str, input: Dims, pixels: &[u8], rows: &[usize]) -> Self {
        let plane = input.plane();
        let moments = (0..input.channels).map(|channel| {
            let planes = rows.iter().map(|row| {
                let start = row * input.len() + channel * plane;
                &pixels[start..start + plane]
            });
            let mut counts = [0_u64; 256];
            for &byte in planes.flatten() {
                counts[usize::from(byte)] += 1;
            }
            moments(&counts)
        });
        let (mean, deviation) = moments.unzip();
        Self {
            column: column.to_owned(),
            input,
            normalization: Normalization::new(mean, deviation),
        }
    }
}

/// Mean and deviation of bytes by their counts, 255 being 1; the deviation of bytes
/// that are all the same is 1.
fn moments(counts: &[u64; 256]) -> (f32, f32) {
    let of_counts = |value: &dyn Fn(f64) -> f64| -> f64 {
        let values = counts.iter().enumerate();
        values
            .map(|(byte, &n)| n as f64 * value(byte as f64 / 255.0))
            .sum()
    };
    let all = of_counts(&|_| 1.0).max(1.0);
    let mean = of_counts(&|value| value) / all;
    let variance = of_counts(&|value| (value - mean).powi(2)) / all;
    match variance.sqrt() as f32 {
        // Nothing but rounding.
        deviation if deviation < 1e-6 => (mean as f32, 1.0),
        deviation => (mean as f32, deviation),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_standardized_channel_by_channel_by_the_training_rows() {
        let input = Dims::image(2, 1, 2);
        // The last image is not for training.
        let pixels = [0, 255, 51, 51, 255, 0, 51, 51, 9, 9, 9, 9];
        let record = ImageRecord::fit("file", input, &pixels, &[0, 1]);
        let of = &record.normalization;
        assert_eq!((of.mean[0], of.deviation[0]), (0.5, 0.5));
        assert_eq!((of.mean[1], of.deviation[1]), (0.2, 1.0));
        let mut values = [1.0, 0.0, 0.2, 1.2, 0.5, 0.75, 0.2, 0.2];
        record.standardize(&mut values);
        assert_eq!(values, [1.0, -1.0, 0.0, 1.0, 0.0, 0.5, 0.0, 0.0]);
    }
}
