//! Errors of checkpoints and of the files of pruned networks.

use crate::text::brief;

/// Why a checkpoint, or the file of a pruned network, cannot be read or
/// written. The caller, who knows the path, says which file it is.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The bytes are not a safetensors file, or not a whole one.
    #[error("not a whole safetensors file: {}", brief(.0))]
    Safetensors(#[source] safetensors::SafeTensorError),
    /// A tensor does not hold 32-bit floats.
    #[error("the tensor `{}` is {dtype}, not F32", brief(.path))]
    NotF32 {
        /// Path of the tensor.
        path: String,
        /// What it holds.
        dtype: String,
    },
    /// Tensors cannot be written.
    #[error("cannot write the tensors: {0}")]
    Write(#[source] safetensors::SafeTensorError),
    /// A tensor cannot be written: its shape does not fit its values.
    #[error("cannot write the tensor `{path}`: {source}")]
    WriteTensor {
        /// Path of the tensor.
        path: String,
        /// Why.
        source: safetensors::SafeTensorError,
    },
    /// It is a safetensors file of something else.
    #[error("it is a safetensors file, but not {expected}")]
    OtherKind {
        /// What was expected, for example `a checkpoint`.
        expected: &'static str,
    },
    /// The header cannot be read as JSON.
    #[error("its header is broken: {}", brief(.0))]
    Header(#[source] serde_json::Error),
    /// The header cannot be written as JSON.
    #[error("cannot write the header: {0}")]
    WriteHeader(#[source] serde_json::Error),
    /// Another version wrote it.
    #[error(
        "it has format {found}, and this program reads format {supported}; use the program that wrote it"
    )]
    Format {
        /// The format of the file.
        found: u32,
        /// The format that this program reads.
        supported: u32,
    },
    /// The checksum differs: the file is damaged.
    #[error("it is damaged: its checksum does not fit its content")]
    Checksum,
    /// It is of another network.
    #[error("it is {kind} of the network `{}`, not of `{expected}`", brief(.found))]
    OtherNetwork {
        /// What it is: `a checkpoint` or `a pruned network`.
        kind: &'static str,
        /// The network of the file.
        found: String,
        /// The network that it should be of.
        expected: String,
    },
    /// Its optimizer keeps another state.
    #[error(
        "it was trained with the optimizer {}, but this one is {expected}; choose the same optimizer",
        brief(.found)
    )]
    OtherOptimizer {
        /// The optimizer of the file and its state slots.
        found: String,
        /// The optimizer of the trainer and its state slots.
        expected: String,
    },
    /// Its numbers are rounded in another way.
    #[error(
        "its run rounds its numbers in another way (numerics {found}, not {supported}), so they cannot be continued bit for bit; resume it with the program that wrote it, or train anew"
    )]
    Numerics {
        /// The way of the file.
        found: u32,
        /// The way of this program for the network.
        supported: u32,
    },
    /// A field of the network is written in another way.
    #[error("its network has other fields: {} in it, but in the network {}", written(.found), written(.expected))]
    OtherField {
        /// The first field that differs in the file, with its components;
        /// absent if the file has no more fields.
        found: Option<(String, Vec<String>)>,
        /// The same in the network.
        expected: Option<(String, Vec<String>)>,
    },
    /// A routed or shared layer of a pruned network that the network does not
    /// have.
    #[error("its manifest does not fit the field `{}`", brief(.field))]
    Manifest {
        /// Name of the field.
        field: String,
    },
    /// A component of a pruned network that the network does not have.
    #[error("`{}` has no component {component}", brief(.field))]
    NoComponent {
        /// Name of the field.
        field: String,
        /// Number of the component.
        component: usize,
    },
    /// A component is written in another way.
    #[error("component {component} of `{}` is {} in it, but {expected} in the network", brief(.field), brief(.found))]
    OtherComponent {
        /// Name of the field.
        field: String,
        /// Number of the component.
        component: usize,
        /// Its layers in the file.
        found: String,
        /// Its layers in the network.
        expected: String,
    },
    /// A tensor is missing or of another shape.
    #[error("it has no `{}` of shape {shape:?}", brief(.path))]
    MissingTensor {
        /// Path of the tensor.
        path: String,
        /// Its shape in the network.
        shape: Vec<usize>,
    },
}

fn written(field: &Option<(String, Vec<String>)>) -> String {
    match field {
        Some((name, components)) => {
            format!("`{}` is {}", brief(name), brief(components.join(" | ")))
        }
        None => "there is no other".to_string(),
    }
}
