//! File formats, read from bytes with a limit on what they unpack to.

pub(crate) mod image_file;
mod jpeg;
pub(crate) mod npy;
pub(crate) mod npz;
mod orientation;
mod png;
pub(crate) mod raster;
pub(crate) mod write_npz;
