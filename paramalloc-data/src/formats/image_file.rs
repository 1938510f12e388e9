//! PNG and JPEG files.

use std::path::Path;

use super::raster::{Failure, MAX_PIXEL_BYTES, Raster};
use super::{jpeg, png};
use crate::error::DataError;

/// Decodes the PNG or JPEG file `bytes`, read from `path`.
///
/// # Errors
/// If it is neither, is not whole, or is larger than [`MAX_PIXEL_BYTES`]; that
/// is told by its header, before memory is taken.
pub(crate) fn decode(bytes: &[u8], path: &Path) -> Result<Raster, DataError> {
    let decoded = if bytes.starts_with(jpeg::START) {
        jpeg::decode(bytes)
    } else {
        png::decode(bytes)
    };
    decoded.map_err(|failure| match failure {
        Failure::TooLarge(bytes) => DataError::TooLarge {
            path: path.to_owned(),
            content: "pixels",
            bytes,
            limit: MAX_PIXEL_BYTES,
        },
        Failure::Broken(source) => DataError::Broken {
            path: path.to_owned(),
            format: "PNG or JPEG",
            source,
        },
    })
}
