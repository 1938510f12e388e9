//! Why a network cannot be exported.

/// Why a network cannot be exported, in one sentence.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A layer of a user's own.
    #[error(
        "`{network}` cannot be exported: its layer `{layer}` is not built in and has no form in ONNX; write it with built-in layers"
    )]
    OwnLayer {
        /// Name of the network.
        network: String,
        /// Name of the layer.
        layer: String,
    },
    /// There is no such task.
    #[error("there is no task {task}; the network has {tasks}, counted from 0")]
    NoTask {
        /// Its number.
        task: usize,
        /// How many there are.
        tasks: usize,
    },
    /// The names of the tasks are not as many as the tasks.
    #[error("{found} names are given for {tasks} tasks; give one for each")]
    Names {
        /// Names that are given.
        found: usize,
        /// Tasks of the network.
        tasks: usize,
    },
    /// A protobuf message has at most 2 GiB.
    #[error(
        "the file would have {bytes} bytes, and one ONNX file has at most 2 GiB; export the tasks one by one"
    )]
    TooLarge {
        /// What it would have.
        bytes: usize,
    },
    /// The metadata cannot be written as JSON.
    #[error("cannot write the metadata as JSON: {0}")]
    Metadata(#[from] serde_json::Error),
    /// A run cannot be loaded, or the file cannot be written.
    #[error(transparent)]
    Run(#[from] paramalloc::Error),
}
