//! Named parameters that are not those of the network.

/// A parameter of a checkpoint, or of a user's own, that is not the network's.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum ParameterError {
    /// A parameter of the network is not there.
    #[error("the parameter `{path}` is missing")]
    Missing {
        /// Its path.
        path: String,
    },
    /// A parameter has another shape than the network's.
    #[error("the parameter `{path}` has shape {found:?}, but the network has {expected:?}")]
    Shape {
        /// Its path.
        path: String,
        /// The shape given.
        found: Vec<usize>,
        /// The network's.
        expected: Vec<usize>,
    },
    /// A parameter has another number of values than its shape says.
    #[error("the parameter `{path}` has {found} values, but its shape {shape:?} needs {}",
        .shape.iter().product::<usize>())]
    Length {
        /// Its path.
        path: String,
        /// Values given.
        found: usize,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// A parameter that the network does not have.
    #[error("the network has no parameter `{path}`")]
    Unknown {
        /// Its path.
        path: String,
    },
}
