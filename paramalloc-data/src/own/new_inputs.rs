//! New images or arrays for a trained network, some at a time.

use std::path::{Path, PathBuf};

use paramalloc_core::network::shape::Dims;

use super::image_directories::images;
use super::{arrays, samples};
use crate::error::DataError;
use crate::files::LocalFile;
use crate::formats::image_file::decode;
use crate::image_input::{append, of_byte};
use crate::normalization::Normalization;
use crate::table::RowBatch;

/// Images, or the array `x` of a `.npz` file, made to a network's input as in
/// training.
#[derive(Debug)]
pub struct NewInputs {
    input: Dims,
    content: Content,
    next: usize,
    normalization: Option<Normalization>,
}

#[derive(Debug)]
enum Content {
    /// Images in files, read when they are asked for.
    Images(Vec<(String, PathBuf)>),
    /// Values in memory.
    Array(Vec<f32>),
}

impl NewInputs {
    /// Opens a `.npz` file, an image, or a directory of images.
    ///
    /// # Errors
    /// If it is none of these, or the array is of another shape.
    pub fn open(path: &Path, input: Dims) -> Result<Self, DataError> {
        let is_npz = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("npz"));
        let content = if path.is_dir() {
            Content::Images(images(path)?)
        } else if is_npz {
            let values = match arrays::read_inputs(path, input)? {
                samples::Inputs::Floats(values) => values,
                samples::Inputs::Bytes(bytes) => bytes.into_iter().map(of_byte).collect(),
            };
            Content::Array(values)
        } else {
            let name = path.file_name().unwrap_or_default();
            Content::Images(vec![(name.to_string_lossy().into_owned(), path.to_owned())])
        };
        Ok(Self {
            input,
            content,
            next: 0,
            normalization: None,
        })
    }

    /// The same, normalized as the images of a run.
    #[must_use]
    pub fn normalized(mut self, normalization: Normalization) -> Self {
        self.normalization = Some(normalization);
        self
    }

    /// Names of the columns that tell the inputs apart: the file of an image.
    pub fn id_columns(&self) -> Vec<&str> {
        match self.content {
            Content::Images(_) => vec!["file"],
            Content::Array(_) => Vec::new(),
        }
    }

    /// The next inputs, at most `most` of them; none at the end.
    ///
    /// # Errors
    /// If an image cannot be read.
    pub fn next(&mut self, most: usize) -> Result<RowBatch, DataError> {
        let mut batch = RowBatch::default();
        let len = self.input.len();
        match &self.content {
            Content::Images(files) => {
                for (name, path) in files.iter().skip(self.next).take(most) {
                    let LocalFile { bytes, path, .. } = LocalFile::read(path.clone())?;
                    let mut pixels = Vec::new();
                    append(decode(&bytes, &path)?, self.input, &mut pixels);
                    batch.inputs.extend(pixels.into_iter().map(of_byte));
                    batch.ids.push(vec![name.clone()]);
                }
            }
            Content::Array(values) => {
                let rest = values.chunks_exact(len).skip(self.next).take(most);
                for values in rest {
                    batch.inputs.extend_from_slice(values);
                    batch.ids.push(Vec::new());
                }
            }
        }
        if let Some(normalization) = &self.normalization {
            normalization.normalize(self.input, &mut batch.inputs);
        }
        batch.rows = batch.ids.len();
        self.next += batch.rows;
        Ok(batch)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use png::ColorType;

    use super::*;
    use crate::testing::{npz, png};

    #[test]
    fn images_and_arrays_are_what_they_are_in_training() {
        let directory = tempfile::tempdir().unwrap();
        let images = directory.path().join("images");
        fs::create_dir(&images).unwrap();
        for (name, value) in [("b.png", 255), ("a.png", 51), ("c.png", 0)] {
            let file = png(1, 2, ColorType::Grayscale, &[value, 0]);
            fs::write(images.join(name), file).unwrap();
        }
        let input = Dims::image(1, 2, 1);
        let mut inputs = NewInputs::open(&images, input).unwrap();
        assert_eq!(inputs.id_columns(), ["file"]);
        let first = inputs.next(2).unwrap();
        assert_eq!(first.ids, [["a.png".to_owned()], ["b.png".to_owned()]]);
        assert_eq!(first.inputs, [51.0 * (1.0 / 255.0), 0.0, 1.0, 0.0]);
        assert_eq!(
            (inputs.next(2).unwrap().rows, inputs.next(2).unwrap().rows),
            (1, 0)
        );
        let one = NewInputs::open(&images.join("b.png"), input)
            .unwrap()
            .next(9);
        assert_eq!(one.unwrap().inputs, [1.0, 0.0]);

        let array = directory.path().join("x.npz");
        let values: Vec<u8> = [0.5_f32, 2.0, 1.0, -1.0]
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        fs::write(&array, npz(&[("x", "<f4", &[2, 2], &values)])).unwrap();
        let mut inputs = NewInputs::open(&array, Dims::features(2)).unwrap();
        assert_eq!(inputs.next(1).unwrap().inputs, [0.5, 2.0]);
        assert_eq!(inputs.next(5).unwrap().inputs, [1.0, -1.0]);
        let sentence = NewInputs::open(&array, Dims::features(3))
            .unwrap_err()
            .to_string();
        assert!(sentence.contains("the network takes [n, 3]"), "{sentence}");
    }
}
