//! What a network reads: inputs by index, stored in memory or computed.

use super::error::ExamplesError;

/// Inputs of one shape, which tasks, splits and threads share.
///
/// An implementation of one's own may read a file or compute its inputs; it
/// must give the same values for the same arguments, or a resumed run differs.
pub trait Inputs: Send + Sync {
    /// Number of inputs.
    fn len(&self) -> usize;

    /// Number of values of one input, at least 1: channels x rows x columns,
    /// or features.
    fn input_len(&self) -> usize;

    /// Writes input `index`, below [`Inputs::len`], to all of `input`, which
    /// has [`Inputs::input_len`] values: row by row, channel by channel.
    /// `augmentation` is a random word in training, to choose a crop by for
    /// example, and `None` in evaluation.
    fn write(&self, index: usize, augmentation: Option<u64>, input: &mut [f32]);

    /// What the values mean.
    fn kind(&self) -> InputKind {
        InputKind::Numbers
    }

    /// True if there are no inputs.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What the values of an input mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputKind {
    /// Real numbers.
    #[default]
    Numbers,
    /// Indices of tokens or categories: whole numbers `0..count`, which an
    /// `f32` holds exactly up to 2^24. No layer of this version reads them.
    Indices {
        /// Number of different indices.
        count: u32,
    },
}

/// Inputs in memory, four bytes per value.
#[derive(Clone, Debug, PartialEq)]
pub struct FloatInputs {
    input_len: usize,
    values: Vec<f32>,
}

/// Inputs in memory, one byte per value: a byte of 255 is read as 1.0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByteInputs {
    input_len: usize,
    bytes: Vec<u8>,
}

impl FloatInputs {
    /// Inputs of `input_len` values each, one after the other in `values`.
    ///
    /// # Errors
    /// If `input_len` is 0 or `values` does not end with a whole input.
    pub fn new(input_len: usize, values: Vec<f32>) -> Result<Self, ExamplesError> {
        check_len(input_len, values.len())?;
        Ok(Self { input_len, values })
    }
}

impl ByteInputs {
    /// Inputs of `input_len` bytes each, one after the other in `bytes`.
    ///
    /// # Errors
    /// If `input_len` is 0 or `bytes` does not end with a whole input.
    pub fn new(input_len: usize, bytes: Vec<u8>) -> Result<Self, ExamplesError> {
        check_len(input_len, bytes.len())?;
        Ok(Self { input_len, bytes })
    }
}

fn check_len(input_len: usize, found: usize) -> Result<(), ExamplesError> {
    match input_len {
        0 => Err(ExamplesError::EmptyInput),
        _ if found.is_multiple_of(input_len) => Ok(()),
        _ => Err(ExamplesError::PartialInput { found, input_len }),
    }
}

impl Inputs for FloatInputs {
    fn len(&self) -> usize {
        self.values.len() / self.input_len
    }

    fn input_len(&self) -> usize {
        self.input_len
    }

    fn write(&self, index: usize, _augmentation: Option<u64>, input: &mut [f32]) {
        input.copy_from_slice(&self.values[index * self.input_len..][..self.input_len]);
    }
}

impl Inputs for ByteInputs {
    fn len(&self) -> usize {
        self.bytes.len() / self.input_len
    }

    fn input_len(&self) -> usize {
        self.input_len
    }

    fn write(&self, index: usize, _augmentation: Option<u64>, input: &mut [f32]) {
        let bytes = &self.bytes[index * self.input_len..][..self.input_len];
        for (value, &byte) in input.iter_mut().zip(bytes) {
            *value = f32::from(byte) * (1.0 / 255.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_whole() {
        assert_eq!(FloatInputs::new(2, vec![0.5; 6]).unwrap().len(), 3);
        assert!(FloatInputs::new(2, Vec::new()).unwrap().is_empty());
        assert!(FloatInputs::new(0, vec![0.5; 6]).is_err());
        let error = ByteInputs::new(4, vec![0; 6]).unwrap_err().to_string();
        assert!(error.contains("6 values"), "{error}");
    }

    #[test]
    fn a_byte_is_a_share_of_255() {
        let inputs = ByteInputs::new(2, vec![0, 51, 255, 1]).unwrap();
        let mut input = [9.0; 2];
        inputs.write(1, Some(7), &mut input);
        assert_eq!(input, [255.0 * (1.0 / 255.0), 1.0 / 255.0]);
    }
}
