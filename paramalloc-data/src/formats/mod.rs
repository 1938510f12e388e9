//! File formats, read from bytes with a limit on what they unpack to.

pub(crate) mod image_file;
mod jpeg;
pub(crate) mod npy;
mod orientation;
mod png;
pub(crate) mod raster;
