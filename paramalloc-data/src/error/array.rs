//! What is wrong with an array of a `.npz` file.

use paramalloc_core::network::shape::Dims;
use thiserror::Error;

/// What is wrong with an array of a `.npz` file; its `Display` follows the name
/// of the array.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ArrayProblem {
    /// The entries are of a type that is not read.
    #[error("of type {found}, but it must be {wanted}")]
    Type {
        /// The type as NumPy writes it, `'<i2'` for example.
        found: String,
        /// The types that are read.
        wanted: &'static str,
    },
    /// The first index runs fastest.
    #[error("in Fortran order; write numpy.ascontiguousarray of it")]
    FortranOrder,
    /// The inputs are not those of the network.
    #[error("of shape {found:?}, but the network takes {}{}", wanted(*.input), hint(.found, *.input))]
    InputShape {
        /// The shape, the number of examples first.
        found: Vec<usize>,
        /// Shape of the network's input.
        input: Dims,
    },
    /// The shape is not that of classes.
    #[error("of shape {found:?}, but classes must have shape [n]")]
    ClassShape {
        /// The shape.
        found: Vec<usize>,
    },
    /// The shape is not that of values to predict.
    #[error("of shape {found:?}, but values to predict must have shape [n] or [n, outputs]")]
    ValueShape {
        /// The shape.
        found: Vec<usize>,
    },
    /// An entry is not a class.
    #[error("whose entry {index} is {label}, but classes go from 0 to 65534")]
    Label {
        /// Index of the entry.
        index: usize,
        /// The entry.
        label: i128,
    },
    /// An entry is infinite or not a number.
    #[error("whose entry {index:?} is not a finite number")]
    NotFinite {
        /// Indices of the entry, as NumPy counts them.
        index: Vec<usize>,
    },
    /// The file holds fewer entries than the header announces.
    #[error("that breaks off; write the file again")]
    Cut,
}

fn wanted(input: Dims) -> String {
    match input.is_image {
        true => format!("[n, {}, {}, {}]", input.channels, input.height, input.width),
        false => format!("[n, {}]", input.channels),
    }
}

/// What to do about images whose channels come last.
fn hint(found: &[usize], input: Dims) -> &'static str {
    match *found {
        [_, height, width, channels]
            if input.is_image
                && [channels, height, width] == [input.channels, input.height, input.width] =>
        {
            "; write x.transpose(0, 3, 1, 2)"
        }
        _ => "",
    }
}
