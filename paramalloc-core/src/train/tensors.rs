//! Named tensors as safetensors files.

use std::collections::HashMap;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::error::{Error, FileError};

/// A parameter with its path and shape.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedTensor {
    /// `conv1.0.0.weight`, `conv1.router.logits`, `head.0.bias`.
    pub path: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its values, row-major.
    pub values: Vec<f32>,
}

/// The bytes of a safetensors file with these f32 tensors and this metadata.
///
/// # Errors
/// If a tensor's shape does not fit its values.
pub fn to_safetensors(
    tensors: &[NamedTensor],
    metadata: HashMap<String, String>,
) -> Result<Vec<u8>, Error> {
    let bytes: Vec<Vec<u8>> = (tensors.iter())
        .map(|t| t.values.iter().flat_map(|v| v.to_le_bytes()).collect())
        .collect();
    let views = (tensors.iter().zip(&bytes))
        .map(|(tensor, bytes)| {
            let view = TensorView::new(Dtype::F32, tensor.shape.clone(), bytes);
            view.map(|view| (tensor.path.as_str(), view))
                .map_err(|source| FileError::WriteTensor {
                    path: tensor.path.clone(),
                    source,
                })
        })
        .collect::<Result<Vec<_>, FileError>>()?;
    let metadata = Some(metadata).filter(|m| !m.is_empty());
    Ok(safetensors::serialize(views, metadata).map_err(FileError::Write)?)
}

/// The tensors of a safetensors file, by path, and its metadata.
///
/// # Errors
/// If it is not a whole safetensors file of f32 tensors.
pub fn from_safetensors(
    bytes: &[u8],
) -> Result<(Vec<NamedTensor>, HashMap<String, String>), Error> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(FileError::Safetensors)?;
    let file = SafeTensors::deserialize(bytes).map_err(FileError::Safetensors)?;
    let tensors = file.iter().map(|(path, view)| {
        if view.dtype() != Dtype::F32 {
            return Err(FileError::NotF32 {
                path: path.to_string(),
                dtype: format!("{:?}", view.dtype()),
            });
        }
        let words = view.data().chunks_exact(4);
        Ok(NamedTensor {
            path: path.to_string(),
            shape: view.shape().to_vec(),
            values: words
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                .collect(),
        })
    });
    let tensors = tensors.collect::<Result<_, FileError>>()?;
    Ok((tensors, header.metadata().clone().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_come_back_bit_for_bit() {
        let tensors = vec![
            NamedTensor {
                path: "a".into(),
                shape: vec![2],
                values: vec![-0.0, f32::MIN_POSITIVE],
            },
            NamedTensor {
                path: "b.c".into(),
                shape: vec![1, 1],
                values: vec![f32::NAN],
            },
        ];
        let metadata = HashMap::from([("k".to_string(), "v".to_string())]);
        let bytes = to_safetensors(&tensors, metadata.clone()).unwrap();
        let (mut back, found) = from_safetensors(&bytes).unwrap();
        back.sort_by(|a, b| a.path.cmp(&b.path));
        assert_eq!(found, metadata);
        for (a, b) in back.iter().zip(&tensors) {
            let bits = |t: &NamedTensor| t.values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            assert_eq!((&a.path, &a.shape, bits(a)), (&b.path, &b.shape, bits(b)));
        }
        assert!(from_safetensors(&bytes[..bytes.len() - 1]).is_err());
    }
}
