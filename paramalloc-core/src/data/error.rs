//! What can be wrong with inputs and their targets.

/// Inputs, targets, rows or weights that do not pair up.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ExamplesError {
    /// Inputs of no values.
    #[error("an input needs at least 1 value, but has 0")]
    EmptyInput,
    /// Values that do not end with a whole input.
    #[error("{found} values are not a whole number of inputs of {input_len} values each")]
    PartialInput {
        /// Values given.
        found: usize,
        /// Values of one input.
        input_len: usize,
    },
    /// An index that an embedding has no row for.
    #[error(
        "the input in row {row}, column {column} is {found}, but must be a whole number below {count}"
    )]
    Index {
        /// The example, counted from 0.
        row: usize,
        /// The value of the example, counted from 0.
        column: usize,
        /// The index.
        found: String,
        /// Rows of the embedding.
        count: usize,
    },
    /// More different indices than an `f32` holds.
    #[error("{count} different indices are more than the 16777216 that inputs can have")]
    TooManyIndices {
        /// Number of indices.
        count: u32,
    },
    /// More inputs than 32 bits can count.
    #[error("{found} inputs are more than the {} that examples can have", u32::MAX)]
    TooMany {
        /// Inputs given.
        found: usize,
    },
    /// A row that no input has.
    #[error("there is no input {row}; there are {inputs}, numbered from 0")]
    Row {
        /// The row.
        row: u32,
        /// Number of inputs.
        inputs: usize,
    },
    /// Another number of labels than examples.
    #[error("there are {found} labels for {examples} examples; give one per example")]
    LabelCount {
        /// Labels given.
        found: usize,
        /// Examples.
        examples: usize,
    },
    /// Target values that are not the same number for each example.
    #[error(
        "there are {found} target values for {examples} examples; give the same number, at least 1, for each"
    )]
    ValueCount {
        /// Values given.
        found: usize,
        /// Examples.
        examples: usize,
    },
    /// Labels or values that are not the same number for each pixel.
    #[error(
        "there are {found} labels or values for {examples} examples of {pixels} pixels each; give the same number, at least 1, for each pixel"
    )]
    PixelCount {
        /// Labels or values given.
        found: usize,
        /// Examples.
        examples: usize,
        /// Pixels of an example that have targets.
        pixels: usize,
    },
    /// Targets at other pixels than the head predicts at.
    #[error(
        "there are targets at {found} pixels of each example, but the head predicts at {expected}; make them with `Examples::per_pixel`"
    )]
    Pixels {
        /// Pixels of an example that have targets; 1 where the example has them.
        found: usize,
        /// Pixels that the head predicts at.
        expected: usize,
    },
    /// Another number of weights than examples.
    #[error("there are {found} weights for {examples} examples; give one per example")]
    WeightCount {
        /// Weights given.
        found: usize,
        /// Examples.
        examples: usize,
    },
    /// A weight that is negative, infinite or NaN.
    #[error(
        "example {example} has the weight {weight}, but a weight must be finite and at least 0"
    )]
    Weight {
        /// The example.
        example: usize,
        /// Its weight.
        weight: f32,
    },
    /// Inputs that are not indices, or too many different ones, for an embedding.
    #[error(
        "`{network}` begins with an embedding of {rows} rows, but the inputs are {}; give `IndexInputs` of at most {rows} indices",
        .found.map_or("not indices".to_string(), |found| format!("{found} different indices"))
    )]
    InputKind {
        /// Name of the network.
        network: String,
        /// Rows of the embedding.
        rows: usize,
        /// Number of different indices, where the inputs are some.
        found: Option<u32>,
    },
    /// Inputs of another length than the network's.
    #[error("inputs have {found} values, but an example of `{network}` has {expected} ({shape})")]
    InputLength {
        /// Name of the network.
        network: String,
        /// Values of an input.
        found: usize,
        /// Values that the network takes.
        expected: usize,
        /// Shape that the network takes.
        shape: String,
    },
}
