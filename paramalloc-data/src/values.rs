//! Examples of numbers instead of images.

use paramalloc_core::data::{Examples, Targets};

/// Targets of examples that own them.
#[derive(Clone, Debug, PartialEq)]
pub enum OwnedTargets {
    /// A class per example.
    Classes(Vec<u16>),
    /// As many values per example as the task has outputs.
    Values(Vec<f32>),
}

/// Inputs kept as they are.
#[derive(Clone, Debug, PartialEq)]
pub struct FloatExamples {
    /// Values of one input.
    pub input_len: usize,
    /// All inputs, one after the other.
    pub inputs: Vec<f32>,
    /// Their targets.
    pub targets: OwnedTargets,
}

impl Examples for FloatExamples {
    fn len(&self) -> usize {
        self.inputs.len() / self.input_len.max(1)
    }

    fn targets(&self) -> Targets<'_> {
        match &self.targets {
            OwnedTargets::Classes(classes) => Targets::Classes(classes),
            OwnedTargets::Values(values) => Targets::Values(values),
        }
    }

    fn write_input(&self, index: usize, _augmentation: Option<u64>, input: &mut [f32]) {
        input.copy_from_slice(&self.inputs[index * self.input_len..][..self.input_len]);
    }
}
