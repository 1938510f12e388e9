//! What a training run reads: tasks, each with examples held in memory.

use std::sync::Arc;

/// The targets of a set of examples, one entry per example.
#[derive(Clone, Copy, Debug)]
pub enum Targets<'a> {
    /// Classification: labels, `0..outputs` of the task.
    Classes(&'a [u16]),
    /// Regression: `outputs` values per example, one example after the other.
    Values(&'a [f32]),
}

impl Targets<'_> {
    /// The accuracy of always naming the most frequent class, if these are
    /// classes of at least one example.
    pub fn majority_class(&self) -> Option<f64> {
        let Targets::Classes(classes) = self else {
            return None;
        };
        let largest = usize::from(*classes.iter().max()?);
        let mut counts = vec![0_u64; largest + 1];
        for &class in *classes {
            counts[usize::from(class)] += 1;
        }
        let most = counts.into_iter().max()?;
        Some(most as f64 / classes.len() as f64)
    }
}

/// A set of examples in memory, shared between tasks and threads.
pub trait Examples: Send + Sync {
    /// Number of examples, at least 1.
    fn len(&self) -> usize;

    /// The targets of all examples.
    fn targets(&self) -> Targets<'_>;

    /// Writes the input of example `index` (channels, rows, columns) to
    /// `input`. `augmentation` is a fresh random word while training, to
    /// choose a crop with for example, and absent at evaluation.
    fn write_input(&self, index: usize, augmentation: Option<u64>, input: &mut [f32]);

    /// True if there are no examples; such a set is refused before training.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Images kept as bytes, with a class each; a pixel of 255 becomes 1.0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByteImages {
    /// Bytes of one image: channels x rows x columns.
    pub image_len: usize,
    /// All images, one after the other.
    pub pixels: Vec<u8>,
    /// One class per image.
    pub classes: Vec<u16>,
}

impl Examples for ByteImages {
    fn len(&self) -> usize {
        self.classes.len()
    }

    fn targets(&self) -> Targets<'_> {
        Targets::Classes(&self.classes)
    }

    fn write_input(&self, index: usize, _augmentation: Option<u64>, input: &mut [f32]) {
        let image = &self.pixels[index * self.image_len..][..self.image_len];
        for (value, &byte) in input.iter_mut().zip(image) {
            *value = f32::from(byte) * (1.0 / 255.0);
        }
    }
}

/// One task: its name, the width of its head and its examples.
#[derive(Clone)]
pub struct Task {
    /// Name shown to people, unique in a run.
    pub name: String,
    /// Tasks of one group are marked together in pictures; may be empty.
    pub group: String,
    /// Width of the head: classes, or values per example in regression.
    pub outputs: usize,
    /// What the task trains on.
    pub train: Arc<dyn Examples>,
    /// What it is evaluated on, by split name, `train` and `test` for example.
    pub evaluation: Vec<(String, Arc<dyn Examples>)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_majority_class_is_the_most_frequent_one() {
        let majority = |classes: &[u16]| Targets::Classes(classes).majority_class();
        assert_eq!(majority(&[3, 0, 3, 1]), Some(0.5));
        assert_eq!(majority(&[7]), Some(1.0));
        assert_eq!(majority(&[]), None);
        assert_eq!(Targets::Values(&[0.5]).majority_class(), None);
    }
}
