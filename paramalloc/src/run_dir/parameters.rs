//! `parameters.safetensors`: the trained parameters.

use std::collections::HashMap;

use paramalloc_core::error::FileError;
use paramalloc_core::train::{NamedTensor, from_safetensors, to_safetensors};
use serde::{Deserialize, Serialize};

use crate::error::{CheckpointError, Error};

/// The format that this program writes, and the newest that it reads.
const FORMAT: u64 = 1;

/// Name of the metadata entry with the format.
const KEY: &str = "paramalloc";

/// What the file says of itself. Version 0.1 wrote nothing.
#[derive(Serialize, Deserialize)]
struct About {
    format: u64,
    /// What a checkpoint and a pruned network have there, with formats of their own.
    #[serde(default, skip_serializing)]
    header: Option<serde::de::IgnoredAny>,
}

/// The bytes of the file.
///
/// # Errors
/// If a parameter cannot be written.
pub fn to_bytes(parameters: &[NamedTensor]) -> Result<Vec<u8>, Error> {
    let about = serde_json::to_string(&About {
        format: FORMAT,
        header: None,
    });
    let about = about.map_err(Error::json("the format of the parameters"))?;
    let metadata = HashMap::from([(KEY.to_owned(), about)]);
    Ok(to_safetensors(parameters, metadata)?)
}

/// The parameters in the bytes of the file.
///
/// # Errors
/// If it is damaged or of a newer format.
pub fn from_bytes(bytes: &[u8]) -> Result<Vec<NamedTensor>, CheckpointError> {
    let (parameters, metadata) = from_safetensors(bytes).map_err(CheckpointError::Damaged)?;
    let about = metadata.get(KEY);
    let about = about.and_then(|about| serde_json::from_str::<About>(about).ok());
    match about {
        Some(About {
            header: Some(_), ..
        }) => Err(CheckpointError::Damaged(
            FileError::OtherKind {
                expected: "a file of trained parameters",
            }
            .into(),
        )),
        Some(About { format, .. }) if format > FORMAT => Err(CheckpointError::NewerFormat {
            found: format,
            supported: FORMAT,
        }),
        _ => Ok(parameters),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_format_is_refused_by_its_number() {
        let parameter = NamedTensor {
            path: "dense.0.0.bias".to_owned(),
            shape: vec![2],
            values: vec![0.5, -1.0],
        };
        let bytes = to_bytes(&[parameter]).unwrap();
        assert_eq!(from_bytes(&bytes).unwrap()[0].values, [0.5, -1.0]);
        let text = b"{\\\"format\\\":1}";
        let at = bytes.windows(text.len()).position(|w| w == text).unwrap();
        let mut newer = bytes.clone();
        newer[at + text.len() - 2] = b'2';
        let refused = from_bytes(&newer).unwrap_err().to_string();
        let sentence = "it has format 2, and this program reads format 1";
        assert!(refused.starts_with(sentence), "{refused}");
    }
}
