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
    /// has [`Inputs::input_len`] values, of an image `[channels, rows, columns]` with
    /// columns fastest.
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
    /// `f32` holds exactly up to 2^24. [`Embedding`](crate::layers::Embedding)
    /// looks them up.
    Indices {
        /// Number of different indices.
        count: u32,
    },
}

/// Inputs in memory, four bytes per value; of an image `[channels, rows, columns]` with
/// columns fastest.
#[derive(Clone, Debug, PartialEq)]
pub struct FloatInputs {
    input_len: usize,
    values: Vec<f32>,
}

/// Inputs in memory, one byte per value: a byte of 255 is read as 1.0. Images are
/// `[channels, rows, columns]` with columns fastest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByteInputs {
    input_len: usize,
    bytes: Vec<u8>,
}

/// Indices of tokens or categories in memory, as an
/// [`Embedding`](crate::layers::Embedding) takes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexInputs {
    input_len: usize,
    count: u32,
    indices: Vec<u32>,
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

impl IndexInputs {
    /// The largest number of different indices: an `f32` holds all of them
    /// exactly.
    pub const MOST: u32 = 1 << 24;

    /// Inputs of `input_len` indices each, one after the other in `indices`,
    /// each below `count`.
    ///
    /// # Errors
    /// If `input_len` is 0, `indices` does not end with a whole input, `count`
    /// is more than [`IndexInputs::MOST`], or an index is not below it.
    pub fn new(input_len: usize, indices: Vec<u32>, count: u32) -> Result<Self, ExamplesError> {
        check_len(input_len, indices.len())?;
        if count > Self::MOST {
            return Err(ExamplesError::TooManyIndices { count });
        }
        match indices.iter().position(|&index| index >= count) {
            Some(at) => Err(ExamplesError::Index {
                row: at / input_len,
                column: at % input_len,
                found: indices[at].to_string(),
                count: count as usize,
            }),
            None => Ok(Self {
                input_len,
                count,
                indices,
            }),
        }
    }
}

impl Inputs for IndexInputs {
    fn len(&self) -> usize {
        self.indices.len() / self.input_len
    }

    fn input_len(&self) -> usize {
        self.input_len
    }

    fn write(&self, index: usize, _augmentation: Option<u64>, input: &mut [f32]) {
        let indices = &self.indices[index * self.input_len..][..self.input_len];
        for (value, &index) in input.iter_mut().zip(indices) {
            *value = index as f32;
        }
    }

    fn kind(&self) -> InputKind {
        InputKind::Indices { count: self.count }
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
    fn an_index_that_no_table_has_is_named() {
        let inputs = IndexInputs::new(2, vec![4, 0, 1, 4], 5).unwrap();
        let mut input = [9.0; 2];
        inputs.write(1, None, &mut input);
        assert_eq!(input, [1.0, 4.0]);
        let error = IndexInputs::new(2, vec![4, 0, 1, 4], 4).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the input in row 0, column 0 is 4, but must be a whole number below 4"
        );
        assert!(IndexInputs::new(1, vec![], u32::MAX).is_err());
    }

    #[test]
    fn a_byte_is_a_share_of_255() {
        let inputs = ByteInputs::new(2, vec![0, 51, 255, 1]).unwrap();
        let mut input = [9.0; 2];
        inputs.write(1, Some(7), &mut input);
        assert_eq!(input, [255.0 * (1.0 / 255.0), 1.0 / 255.0]);
    }
}
